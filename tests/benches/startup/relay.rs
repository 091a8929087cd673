//! Stands between a function and what it calls, and tells how long the calls themselves took.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A call, from the first byte of its request to the last one of its answer.
type Call = Arc<Mutex<(Instant, Instant)>>;

/// The calls since the last look.
#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<Vec<Call>>>);

impl Calls {
    /// How long the calls took since the last time, those side by side counted once.
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

/// Passes on to `upstream`, in plain HTTP, and notes the calls; where it listens.
pub async fn relay(upstream: &str, calls: Calls) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let upstream = upstream.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let beyond = TcpStream::connect(&upstream).await.expect("what is called");
            tokio::spawn(pass(stream, beyond, calls.clone()));
        }
    });
    address
}

/// Passes bytes both ways until either side ends; on one connection, calls follow each other.
async fn pass(mut near: TcpStream, mut far: TcpStream, calls: Calls) -> std::io::Result<()> {
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut asked, mut told) = (vec![0; 65_536], vec![0; 65_536]);
    let mut call: Option<Call> = None;
    let mut answered = true;
    loop {
        tokio::select! {
            count = near.read(&mut asked) => {
                let count = count?;
                if count == 0 { return Ok(()); }
                if answered { call = Some(calls.begin()); }
                answered = false;
                far.write_all(&asked[..count]).await?;
            }
            count = far.read(&mut told) => {
                let count = count?;
                if count == 0 { return Ok(()); }
                if let Some(call) = &call {
                    call.lock().unwrap_or_else(PoisonError::into_inner).1 = Instant::now();
                }
                answered = true;
                near.write_all(&told[..count]).await?;
            }
        }
    }
}
