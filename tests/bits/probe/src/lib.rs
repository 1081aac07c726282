//! Answers requests with what it computes where it runs: `/` with the report of the comparison, and
//! `/goldens/` with the name of a parity test with the bits that it compared.

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
        let path = self.get_http_request_header(":path").unwrap_or_default();
        let (status, body) = match path.strip_prefix("/goldens/") {
            Some(test) => match tidegate_bits_goldens::run(test) {
                Some(bits) => (200, bits),
                None => (404, String::new()),
            },
            None => match report::report() {
                Ok(report) => (200, report),
                Err(error) => (500, error),
            },
        };
        self.send_http_response(status, Vec::new(), Some(body.as_bytes()));
        Action::Pause
    }
}
