//! `cargo local`: the whole stack of Coulisses on one machine.
//!
//! It builds and starts everything that a user would meet, as `infra/template.yaml` declares it, and
//! prints `ready http://127.0.0.1:8080` as a line of its own on standard output.

mod answer;
mod authorizer;
mod children;
mod clock;
mod console;
mod demo;
mod event;
mod failure;
mod feedback;
mod functions;
mod gateway;
mod guard;
mod inbox;
mod intrinsics;
mod invocations;
mod issuer;
mod language;
mod origins;
mod pages;
mod pattern;
mod project;
mod random;
mod routes;
mod schedules;
mod settings;
mod sign_in;
mod stack;
mod stream;
mod table;
mod template;

use children::Children;
use clap::Parser;
use settings::Settings;
use std::ffi::OsString;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let Some((first, command)) = arguments.split_first()
        && first == guard::ARGUMENT
    {
        return guard::run(command);
    }
    let settings = Settings::parse();
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(until_signalled(settings)),
        Err(error) => {
            eprintln!("no runtime can be started: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the stack until it fails or somebody ends it.
async fn until_signalled(settings: Settings) -> ExitCode {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        eprintln!("signals cannot be received");
        return ExitCode::FAILURE;
    };
    let children = Children::default();
    let result = tokio::select! {
        result = stack::run(&settings, &children) => result,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    children.stop().await;
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", failure::chain(&error));
            ExitCode::FAILURE
        }
    }
}
