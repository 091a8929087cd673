//! `cargo local`: the whole stack of Coulisses on one machine.
//!
//! It builds and starts everything that `infra/template.yaml` declares, then prints `ready http://127.0.0.1:8080` on a
//! line of its own on standard output.

mod authorizer;
mod bus;
mod children;
mod console;
mod contract;
mod cors;
mod demo;
mod event;
mod feedback;
mod functions;
mod gateway;
mod guard;
mod inbox;
mod intrinsics;
mod invocations;
mod issuer;
mod loopback;
mod origins;
mod pages;
mod pattern;
mod project;
mod response;
mod routes;
mod settings;
mod sign_in;
mod stack;
mod stream;
mod table;
mod template;
mod values;

use anyhow::{Context, Result};
use children::Children;
use clap::Parser;
use settings::{Command, Settings};
use std::ffi::OsString;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

/// The emulator of the table allocates for each attribute of each item, and this allocator is faster than the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some((first, command)) = arguments.split_first()
        && first == guard::ARGUMENT
    {
        return guard::run(command);
    }
    let settings = Settings::parse();
    let done = match settings.command {
        Some(Command::Contract) => contract::print(),
        None => start(settings),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(settings: Settings) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("the async runtime cannot be started")?;
    runtime.block_on(run_until_signalled(settings))
}

/// Runs the stack until it fails or receives SIGINT or SIGTERM, then ends its children.
async fn run_until_signalled(settings: Settings) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let children = Children::default();
    let result = tokio::select! {
        result = stack::run(&settings, &children) => result,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    children.stop().await;
    result
}
