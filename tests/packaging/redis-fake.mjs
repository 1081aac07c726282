// A Redis in this process: the few commands that the package sends, and its scripts, run by a Lua of JavaScript.
// Where there is no redis-server, it keeps the semantics that the scripts count on.

import { createHash } from "node:crypto";
import fengari from "fengari";

const { lua, lauxlib, lualib, to_jsstring: text, to_luastring: bytes } = fengari;

export class FakeRedis {
  #keys = new Map();
  #expiries = new Map();
  #scripts = new Map();
  /** Seconds since it was started. */
  now = 0;

  /** As the client of the package `redis` has it. */
  async sendCommand([name, ...args]) {
    return this.#command(name.toUpperCase(), args.map(String));
  }

  /** Seconds until a key expires; -1 if it does not, -2 if there is none. */
  ttl(key) {
    if (!this.#get(key)) return -2;
    return this.#expiries.has(key) ? this.#expiries.get(key) - this.now : -1;
  }

  keys() {
    return [...this.#keys.keys()].filter((key) => this.#get(key)).sort();
  }

  forgetScripts() {
    this.#scripts.clear();
  }

  #get(key) {
    if (this.#expiries.get(key) <= this.now) {
      this.#keys.delete(key);
      this.#expiries.delete(key);
    }
    return this.#keys.get(key);
  }

  #make(key, empty) {
    const held = this.#get(key);
    if (held) return held;
    this.#keys.set(key, empty);
    return empty;
  }

  #command(name, [key, ...args]) {
    const hash = () => this.#get(key) ?? new Map();
    switch (name) {
      case "SCRIPT": {
        const sha = createHash("sha1").update(args[0]).digest("hex");
        this.#scripts.set(sha, args[0]);
        return sha;
      }
      case "EVALSHA":
        if (!this.#scripts.has(key)) throw new Error("NOSCRIPT No matching script.");
        return this.#run(this.#scripts.get(key), args);
      case "EVAL":
        return this.#run(key, args);
      case "HSET":
        for (let i = 0; i < args.length; i += 2) this.#make(key, new Map()).set(args[i], args[i + 1]);
        return args.length / 2;
      case "HDEL":
        return args.filter((field) => hash().delete(field)).length;
      case "HINCRBY": {
        const sum = Number(hash().get(args[0]) ?? 0) + Number(args[1]);
        this.#make(key, new Map()).set(args[0], String(sum));
        return sum;
      }
      case "HMGET":
        return args.map((field) => hash().get(field) ?? null);
      case "HLEN":
        return hash().size;
      case "HVALS":
        return [...hash().values()];
      case "HGETALL":
        return [...hash()].flat();
      case "SADD":
        return args.map((member) => this.#make(key, new Set()).add(member)).length;
      case "SREM":
        return args.filter((member) => this.#get(key)?.delete(member)).length;
      case "SMEMBERS":
        return [...(this.#get(key) ?? [])];
      case "EXPIRE":
        this.#expiries.set(key, this.now + Number(args[0]));
        return 1;
      default:
        throw new Error(`ERR unknown command '${name}'`);
    }
  }

  #run(script, [count, ...rest]) {
    const state = lauxlib.luaL_newstate();
    lualib.luaL_openlibs(state);
    const define = (table, functions) => {
      lua.lua_newtable(state);
      for (const [name, call] of Object.entries(functions)) {
        lua.lua_pushcfunction(state, call);
        lua.lua_setfield(state, -2, bytes(name));
      }
      lua.lua_setglobal(state, bytes(table));
    };
    const argument = (index) => text(lauxlib.luaL_tolstring(state, index));
    define("redis", {
      call: () => {
        const top = lua.lua_gettop(state);
        const [name, ...args] = Array.from({ length: top }, (_, i) => argument(i + 1));
        push(state, this.#command(name, args));
        return 1;
      },
    });
    define("cjson", {
      encode: () => (lua.lua_pushstring(state, bytes(JSON.stringify(argument(1)))), 1),
      decode: () => (lua.lua_pushstring(state, bytes(JSON.parse(argument(1)))), 1),
    });
    for (const [name, values] of [["KEYS", rest.slice(0, count)], ["ARGV", rest.slice(count)]]) {
      push(state, values);
      lua.lua_setglobal(state, bytes(name));
    }
    if (lauxlib.luaL_dostring(state, bytes(script)) !== lua.LUA_OK) throw new Error(argument(-1));
    return argument(-1);
  }
}

/** A reply as Lua has it in Redis: nothing is `false`. */
function push(state, value) {
  if (Array.isArray(value)) {
    lua.lua_newtable(state);
    for (const [i, one] of value.entries()) {
      push(state, one);
      lua.lua_rawseti(state, -2, i + 1);
    }
  } else if (value === null) lua.lua_pushboolean(state, false);
  else if (typeof value === "number") lua.lua_pushinteger(state, value);
  else lua.lua_pushstring(state, bytes(value));
}
