//! A connection that can be cut at the moment of a commit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Where the next `COMMIT` is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The server gets nothing of what came with the `COMMIT`.
    Before,
    /// The server gets the writes but not the `COMMIT`.
    Between,
    /// The server gets all of it, and its answer gets lost.
    After,
}

/// A relay to the server of the tests.
pub(crate) struct Proxy {
    port: u16,
    cut: Arc<Mutex<Option<Cut>>>,
    is_closed: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(Mutex::new(None));
        let is_closed = Arc::new(AtomicBool::new(false));
        let (shared, closed) = (Arc::clone(&cut), Arc::clone(&is_closed));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if closed.load(Ordering::SeqCst) {
                    continue;
                }
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(relay(client, server, Arc::clone(&shared)));
            }
        });
        Self { port, cut, is_closed }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the connection of the next commit.
    pub(crate) fn cut_next(&self, cut: Cut) {
        *self.cut.lock().unwrap() = Some(cut);
    }

    /// Lets no further connection through, or lets them through again.
    pub(crate) fn close(&self, is_closed: bool) {
        self.is_closed.store(is_closed, Ordering::SeqCst);
    }

    /// Returns whether the cut has happened.
    pub(crate) fn has_cut(&self) -> bool {
        self.cut.lock().unwrap().is_none()
    }
}

async fn relay(client: TcpStream, server: TcpStream, cut: Arc<Mutex<Option<Cut>>>) {
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let is_cut = Arc::new(AtomicBool::new(false));
    let back = tokio::spawn(answers(from_server, to_client, Arc::clone(&is_cut)));
    let mut buffer = vec![0; 1 << 20];
    while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
        let bytes = &buffer[..read];
        let commit = position(bytes);
        let now = commit.and_then(|at| Some((at, cut.lock().unwrap().take()?)));
        let Some((at, cut)) = now else {
            if to_server.write_all(bytes).await.is_err() {
                break;
            }
            continue;
        };
        is_cut.store(true, Ordering::SeqCst);
        match cut {
            Cut::Before => {}
            // A query message has five bytes before its text.
            Cut::Between => to_server.write_all(&bytes[..at - 5]).await.unwrap(),
            Cut::After => {
                to_server.write_all(bytes).await.unwrap();
                // A server that cannot answer would give up before the COMMIT.
                back.await.unwrap();
                return;
            }
        }
        break;
    }
    back.abort();
}

/// Passes answers on; after the cut it waits for the commit's own and loses all of them.
async fn answers(mut server: OwnedReadHalf, mut client: OwnedWriteHalf, is_cut: Arc<AtomicBool>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = server.read(&mut buffer).await {
        if is_cut.load(Ordering::SeqCst) {
            if position(&buffer[..read]).is_some() {
                return;
            }
        } else if client.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// Returns where the text `COMMIT` begins, in a question or in its answer.
fn position(bytes: &[u8]) -> Option<usize> {
    bytes.windows(7).position(|seven| seven == b"COMMIT\0")
}
