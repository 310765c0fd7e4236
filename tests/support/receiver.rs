//! A merchant's own listener for notifications, on loopback, which answers as a test wants.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use paydeck::crypto::{ApiV3Key, SignatureHeaders, open};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub target: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Arrival {
    pub fn envelope(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn id(&self) -> String {
        self.envelope()["id"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn signature(&self) -> SignatureHeaders {
        SignatureHeaders::collect(|name| self.header(name))
    }

    /// What was encrypted.
    pub fn opened(&self, key: &ApiV3Key) -> Value {
        let resource = &self.envelope()["resource"];
        let text = |name: &str| resource[name].as_str().unwrap();
        let plaintext = open(key, text("nonce"), text("associated_data"), text("ciphertext")).unwrap();
        serde_json::from_slice(&plaintext).unwrap()
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: &'static str,
    pub location: Option<String>,
    pub delay: Duration,
}

impl Answer {
    pub fn of(status: u16) -> Self {
        Self { status, body: "", location: None, delay: Duration::ZERO }
    }

    pub fn saying(status: u16, body: &'static str) -> Self {
        Self { body, ..Self::of(status) }
    }
}

type Choose = Box<dyn Fn(usize, &Arrival) -> Answer + Send + Sync>;

struct Shared {
    arrivals: Mutex<Vec<Arrival>>,
    choose: Choose,
}

pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Receiver {
    /// Answers as `choose` decides from the number of earlier requests.
    pub async fn start(choose: impl Fn(usize, &Arrival) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { arrivals: Mutex::default(), choose: Box::new(choose) });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared, server }
    }

    /// Refuses or accepts everything alike.
    pub async fn answering(status: u16) -> Self {
        Self::start(move |_, _| Answer::of(status)).await
    }

    pub fn url(&self) -> String {
        format!("http://{}/notify", self.address)
    }

    pub fn arrivals(&self) -> Vec<Arrival> {
        self.shared.arrivals.lock().unwrap().clone()
    }

    /// Waits until so many have arrived.
    pub async fn wait_for(&self, count: usize) -> Vec<Arrival> {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.arrivals().len() < count {
            assert!(Instant::now() < deadline, "{} of {count} arrived", self.arrivals().len());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.arrivals()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
    let arrival = Arrival { target: parts.uri.to_string(), headers: parts.headers, body };
    let count = {
        let mut arrivals = shared.arrivals.lock().unwrap();
        arrivals.push(arrival.clone());
        arrivals.len() - 1
    };
    let answer = (shared.choose)(count, &arrival);
    tokio::time::sleep(answer.delay).await;
    let mut response = Response::builder().status(answer.status);
    if let Some(location) = answer.location {
        response = response.header("location", location);
    }
    response.body(Body::from(answer.body)).unwrap()
}
