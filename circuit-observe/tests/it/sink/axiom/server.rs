//! An Axiom that fails as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status, header lines and a body.
    Answer(u16, &'static str, Value),
    /// 200 with a page of something else.
    Garbage,
    /// 200, and the connection ends in the middle of the body.
    Torn,
    /// The connection ends without an answer.
    Gone,
    /// Nothing, until the server is told to go on; then the connection ends.
    Hang,
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) events: Vec<Value>,
    pub(crate) at: Instant,
    /// Whether the answer said that it was stored.
    pub(crate) is_stored: bool,
}

impl Request {
    /// Returns the messages of the events, or their kinds.
    pub(crate) fn told(&self) -> Vec<String> {
        let told = |event: &Value| match (&event["message"], &event["count"]) {
            (Value::String(message), _) => message.clone(),
            (_, Value::Number(count)) => format!("dropped {count}"),
            _ => event["kind"].as_str().unwrap().to_owned(),
        };
        self.events.iter().map(told).collect()
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    replies: Mutex<VecDeque<Reply>>,
    requests: Mutex<Vec<Request>>,
    came: Notify,
    goes_on: Notify,
}

impl Server {
    /// Starts a server that stores everything, after these replies.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), replies).await
    }

    pub(crate) async fn start_at(
        address: SocketAddr,
        replies: impl IntoIterator<Item = Reply>,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        shared.replies.lock().unwrap().extend(replies);
        let server = Self { address, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Ends what hangs.
    pub(crate) fn go_on(&self) {
        self.shared.goes_on.notify_waiters();
    }

    /// Waits until so many requests have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Request> {
        let came = async {
            loop {
                let next = self.shared.came.notified();
                if self.requests().len() >= count {
                    return self.requests();
                }
                next.await;
            }
        };
        timeout(Duration::from_mins(1), came).await.expect("the requests come")
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// Returns what was stored.
    pub(crate) fn stored(&self) -> Vec<String> {
        let requests = self.requests();
        requests.iter().filter(|request| request.is_stored).flat_map(Request::told).collect()
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    while let Some(mut request) = read(&mut stream).await {
        let reply = shared.replies.lock().unwrap().pop_front();
        let count = request.events.len();
        let stored = json!({"ingested": count, "failed": 0, "failures": [], "processedBytes": 1});
        let reply = reply.unwrap_or(Reply::Answer(200, "", stored));
        request.is_stored = matches!(reply, Reply::Answer(200, ..));
        let goes_on = shared.goes_on.notified();
        shared.requests.lock().unwrap().push(request);
        shared.came.notify_waiters();
        match reply {
            Reply::Answer(status, headers, body) => {
                answer(&mut stream, status, headers, &body.to_string()).await;
            }
            Reply::Garbage => answer(&mut stream, 200, "", "<html>sign in</html>").await,
            Reply::Torn => {
                let head = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"ingested\":";
                stream.write_all(head.as_bytes()).await.unwrap();
                return;
            }
            Reply::Gone => return,
            Reply::Hang => return goes_on.await,
        }
    }
}

async fn answer(stream: &mut TcpStream, status: u16, headers: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    // A client that has given up is no fault of the server.
    let _ = stream.write_all(text.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut text = Vec::new();
    let head = loop {
        if let Some(at) = text.windows(4).position(|four| four == b"\r\n\r\n") {
            break String::from_utf8(text.drain(..at + 4).collect()).unwrap();
        }
        if stream.read_buf(&mut text).await.ok()? == 0 {
            return None;
        }
    };
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers["content-length"].parse().unwrap();
    while text.len() < length {
        stream.read_buf(&mut text).await.ok().filter(|count| *count > 0)?;
    }
    let mut body = String::new();
    GzDecoder::new(&text[..length]).read_to_string(&mut body).unwrap();
    let events = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Some(Request { path, headers, events, at: Instant::now(), is_stored: false })
}
