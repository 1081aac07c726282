#!/usr/bin/env python3
"""A server shaped like OpenAI's, `chat.py PORT`: it says the last message again, as a stream a word every 20 ms. Its tokens are words."""
import json, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Chat(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer("application/json")

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        words = asked["messages"][-1]["content"].split()
        usage = {"prompt_tokens": len(words), "completion_tokens": len(words), "total_tokens": 2 * len(words)}
        whole = {"id": "chat-1", "object": "chat.completion", "created": 0, "model": asked["model"]}
        if not asked.get("stream"):
            choice = {"index": 0, "message": {"role": "assistant", "content": " ".join(words)}, "finish_reason": "stop"}
            self.answer("application/json", json.dumps(whole | {"choices": [choice], "usage": usage}))
            return
        self.answer("text/event-stream")
        chunk = whole | {"object": "chat.completion.chunk"}
        for place, word in enumerate(words, 1):
            time.sleep(0.02)
            reason = "stop" if place == len(words) else None
            choice = {"index": 0, "delta": {"content": word + " "}, "finish_reason": reason}
            self.event(json.dumps(chunk | {"choices": [choice]}))
        self.event(json.dumps(chunk | {"choices": [], "usage": usage}))
        self.event("[DONE]")

    def answer(self, media_type, text=""):
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.end_headers()
        self.wfile.write(text.encode())

    def event(self, text):
        self.wfile.write(f"data: {text}\n\n".encode())


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Chat).serve_forever()
