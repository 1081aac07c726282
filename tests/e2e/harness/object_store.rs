//! An object store in memory: GET and PUT of whole objects by path, as WebDAV and the clouds have them.

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::recorder::read_request;

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A store on a free port. Its threads end with the process.
pub struct ObjectStore {
    pub address: SocketAddr,
    objects: Objects,
}

impl ObjectStore {
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let objects = Objects::default();
        let served = Arc::clone(&objects);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let objects = Arc::clone(&served);
                std::thread::spawn(move || serve(stream, &objects));
            }
        });
        Self { address, objects }
    }

    pub fn put(&self, path: &str, object: &[u8]) {
        self.objects.lock().unwrap().insert(path.into(), object.to_vec());
    }

    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        self.objects.lock().unwrap().get(path).cloned()
    }

    /// The paths of all objects.
    pub fn paths(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }
}

/// One request a connection.
fn serve(stream: TcpStream, objects: &Objects) {
    let mut reader = BufReader::new(stream);
    let Some(request) = read_request(&mut reader) else { return };
    let mut words = request.request_line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut objects = objects.lock().unwrap();
    let (status, body) = match (method, objects.get(path)) {
        ("PUT", _) => {
            objects.insert(path.into(), request.body);
            ("201 Created", Vec::new())
        }
        ("GET", Some(object)) => ("200 OK", object.clone()),
        ("GET", None) => ("404 Not Found", Vec::new()),
        _ => ("405 Method Not Allowed", Vec::new()),
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let _ = reader.get_mut().write_all(&[head.as_bytes(), &body].concat());
}
