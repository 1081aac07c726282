//! Answers every request with the report of the comparison, computed inside Envoy.

#[path = "../../report.rs"]
mod report;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};

proxy_wasm::main! {{
    proxy_wasm::set_root_context(|_| Box::new(Root));
}}

struct Root;
struct Request;

impl Context for Root {}

impl RootContext for Root {
    fn create_http_context(&self, _: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Request))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Context for Request {}

impl HttpContext for Request {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        let (status, body) = match report::report() {
            Ok(report) => (200, report),
            Err(error) => (500, error),
        };
        self.send_http_response(status, Vec::new(), Some(body.as_bytes()));
        Action::Pause
    }
}
