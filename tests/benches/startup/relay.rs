//! A relay between a function and the services it calls, which measures the calls.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The start and the end of a call: the first byte of its request and the last byte of its response.
type Call = Arc<Mutex<(Instant, Instant)>>;

/// The calls since the last `take`.
#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<Vec<Call>>>);

impl Calls {
    /// The time in calls since the last `take`; overlapping calls count once.
    pub fn take(&self) -> Duration {
        let calls = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut spans: Vec<(Instant, Instant)> =
            calls.iter().map(|call| *call.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        spans.sort();
        let mut until = None;
        let mut sum = Duration::ZERO;
        for (began, ended) in spans {
            let from = until.map_or(began, |until| began.max(until));
            sum += ended.saturating_duration_since(from);
            until = until.max(Some(ended));
        }
        sum
    }

    fn begin(&self) -> Call {
        let now = Instant::now();
        let call = Arc::new(Mutex::new((now, now)));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&call));
        call
    }
}

/// Relays plain HTTP to `upstream` and records the calls; returns the relay's URL.
pub async fn relay(upstream: &str, calls: Calls) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let upstream = upstream.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let beyond = TcpStream::connect(&upstream).await.expect("the service");
            tokio::spawn(pass(stream, beyond, calls.clone()));
        }
    });
    address
}

/// Passes bytes both ways until either side ends. Calls on one connection are successive.
async fn pass(mut near: TcpStream, mut far: TcpStream, calls: Calls) -> std::io::Result<()> {
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut request, mut response) = (vec![0; 65_536], vec![0; 65_536]);
    let mut call: Option<Call> = None;
    let mut answered = true;
    loop {
        tokio::select! {
            count = near.read(&mut request) => {
                let count = count?;
                if count == 0 { return Ok(()); }
                if answered { call = Some(calls.begin()); }
                answered = false;
                far.write_all(&request[..count]).await?;
            }
            count = far.read(&mut response) => {
                let count = count?;
                if count == 0 { return Ok(()); }
                if let Some(call) = &call {
                    call.lock().unwrap_or_else(PoisonError::into_inner).1 = Instant::now();
                }
                answered = true;
                near.write_all(&response[..count]).await?;
            }
        }
    }
}
