//! The order in which the stack is put up.

use crate::answer::Unusable;
use crate::authorizer::Authorizer;
use crate::children::{Children, Guarded};
use crate::clock;
use crate::console::{self, Files, Site};
use crate::demo::Demo;
use crate::event::{self, Context};
use crate::failure::chain;
use crate::feedback::Feedback;
use crate::functions::Functions;
use crate::gateway::Gateway;
use crate::inbox::{self, Inbox};
use crate::invocations;
use crate::issuer::{self, ISSUER, Issuer, NoKey, PLATFORM};
use crate::origins::Origins;
use crate::pages;
use crate::project::{self, NotServed, Project};
use crate::random;
use crate::routes::{Route, Taken};
use crate::schedules::{self, Schedules};
use crate::settings::Settings;
use crate::sign_in::{self, SignIn};
use crate::stream::{self, NoStream, Position};
use crate::table::{NoTable, Table};
use crate::template::{Function, TABLE_NAME, Template, Unreadable};
use axum::Router;
use axum::http::Request;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;

const AUDIENCE: &str = "coulisses-local";
const MAIL_FROM: &str = "acces@coulisses.test";

/// How long a function may take to answer for the first time.
const WARM_LIMIT: Duration = Duration::from_mins(1);

const TTL_PAUSE: Duration = Duration::from_mins(1);
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

/// Why the stack does not stand.
#[derive(Debug, Error)]
pub enum Failure {
    /// The port is somebody else's.
    #[error("port {port} cannot be used; choose another one with --port, or any with --port 0")]
    Port {
        /// The port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The template is not usable.
    #[error("infra/template.yaml is not usable")]
    Template(#[from] Unreadable),
    /// The table is not usable.
    #[error(transparent)]
    Table(#[from] NoTable),
    /// The table's stream is not usable.
    #[error("the table's stream is not usable")]
    Stream(#[from] NoStream),
    /// The functions are not served.
    #[error(transparent)]
    Functions(#[from] NotServed),
    /// The issuer has no key.
    #[error("the issuer of tokens is not usable")]
    Issuer(#[from] NoKey),
    /// No client for requests can be made.
    #[error("no HTTP client can be made")]
    Client(#[from] reqwest::Error),
    /// An event for warming up cannot be made.
    #[error("an event cannot be made")]
    Event(#[from] Unusable),
    /// There is no randomness.
    #[error("there is no randomness for an id")]
    NoId(#[from] aws_lc_rs::error::Unspecified),
    /// A stream of the system failed.
    #[error("the system refused")]
    System(#[from] std::io::Error),
}

/// Puts the stack up and keeps it up; returns only when it cannot stand.
///
/// # Errors
/// When something is missing, refused or ends.
pub async fn run(settings: &Settings, children: &Children) -> Result<(), Failure> {
    let port = settings.port();
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|source| Failure::Port { port, source })?;
    let port = listener.local_addr()?.port();
    let host = format!("127.0.0.1:{port}");
    let base = format!("http://{host}");

    let project = Project::find().await?;
    let template = Template::read(&project.root.join("infra/template.yaml"), &parameters(&base))?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let table = Table::open(settings.place(), http.clone(), settings.account()).await?;
    table.create(&template.table, template.ttl.as_deref()).await?;
    let cargo_lambda = project.cargo_lambda().await?;
    let (console, ()) = tokio::try_join!(
        async { Ok(console::build(&project, children, settings.with_console()).await) },
        async { project.build(children, settings.choice()).await.map_err(Failure::from) },
    )?;

    eprintln!("starting ...");
    let (mut environment, without) = settings.environment(&table.endpoint, &base);
    environment.extend(template.environment());
    let variables = (environment, without);
    let (server, address) = project.serve(children, &cargo_lambda, settings.choice(), variables)?;
    let functions = Functions::new(http.clone(), address.clone());
    let parts = Parts {
        issuer: Arc::new(Issuer::new(AUDIENCE.to_owned())?),
        inbox: Arc::new(Inbox::new(Feedback::new(functions.clone(), &template.functions))),
        schedules: Arc::new(Schedules::new(functions.clone(), &template.functions)),
        functions,
        host,
        origins: Origins::new(port),
        with_demo: settings.with_demo(),
    };
    let missing = console.as_ref().err().map(ToString::to_string);
    let site = Site {
        console: console.map(Files::new),
        gateway: parts.gateway(&template),
        origins: parts.origins.clone(),
        with_inbox: !settings.mails_elsewhere(),
    };
    listen(listener, &parts, &template, site);
    project::wait_until_served(&server, &address).await?;

    let demo = settings.with_demo().then(|| Demo {
        http,
        base: base.clone(),
        issuer: Arc::clone(&parts.issuer),
        inbox: (!settings.mails_elsewhere()).then(|| Arc::clone(&parts.inbox)),
    });
    tokio::select! {
        opened = open(&parts, template, &table, demo) => opened?,
        ended = ended(&server) => return Err(ended?),
    }
    say_ready(&base, missing.as_deref(), &table.endpoint)?;
    Err(ended(&server).await?)
}

/// What the stack consists of besides the table and the functions.
struct Parts {
    issuer: Arc<Issuer>,
    inbox: Arc<Inbox>,
    schedules: Arc<Schedules>,
    functions: Functions,
    host: String,
    origins: Origins,
    with_demo: bool,
}

/// The values of the template's parameters here.
fn parameters(base: &str) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("Issuer", ISSUER.to_owned()),
        ("Audience", AUDIENCE.to_owned()),
        ("PlatformClientIds", PLATFORM.to_owned()),
        ("LinkUrl", format!("{base}/invitation")),
        ("MailFrom", MAIL_FROM.to_owned()),
    ])
}

async fn ended(server: &Guarded) -> Result<Failure, std::io::Error> {
    Ok(Failure::Functions(NotServed::Ended(server.ended().await?)))
}

impl Parts {
    fn gateway(&self, template: &Template) -> Gateway {
        Gateway {
            routes: template.routes.clone(),
            authorizer: Authorizer::new(&template.jwt, self.issuer.decoding_key()),
            functions: self.functions.clone(),
            host: self.host.clone(),
        }
    }
}

/// Serves the console, the HTTP API and what stands beside them from now on.
fn listen(listener: TcpListener, parts: &Parts, template: &Template, site: Site) {
    let router = Router::new()
        .merge(issuer::router(Arc::clone(&parts.issuer)))
        .merge(sign_in::router(SignIn::new(
            Arc::clone(&parts.issuer),
            parts.origins.clone(),
            parts.with_demo,
        )))
        .merge(inbox::router(Arc::clone(&parts.inbox)))
        .merge(schedules::router(Arc::clone(&parts.schedules)))
        .merge(invocations::router(parts.functions.clone(), &template.functions))
        .merge(pages::router())
        .merge(console::router(site));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("the gateway is no longer served: {error}");
        }
    });
}

/// Warms the functions, starts what calls them by itself, and fills in the demonstration.
async fn open(
    parts: &Parts,
    template: Template,
    table: &Table,
    demo: Option<Demo>,
) -> Result<(), Failure> {
    // Before anything is written, so that nothing is missed.
    let position = table.database.clone().map(Position::latest).transpose()?;
    let count = template.functions.len();
    for (index, function) in template.functions.iter().enumerate() {
        eprintln!("warming {} ({} of {count})", function.name, index + 1);
        let event = first_event(function, &template.routes, &parts.host)?;
        if let Err(error) = parts.functions.call(&function.name, &event, WARM_LIMIT).await {
            eprintln!("{} did not answer: {}", function.name, chain(&error));
        }
    }
    parts.schedules.start(&template.functions);
    start_streams(parts, template.functions, position);
    if let Some(database) = table.database.clone() {
        tokio::spawn(expire(database));
    }
    if let Some(demo) = demo {
        eprintln!("filling the demonstration data ...");
        if let Err(error) = demo.fill().await {
            eprintln!("the demonstration data is not complete: {}", chain(&error));
        }
    }
    Ok(())
}

/// The event of a function's first call: its schedule, or a request that comes without a login.
fn first_event(function: &Function, routes: &[Route], host: &str) -> Result<Value, Failure> {
    let own = || routes.iter().filter(|route| route.function == function.name);
    let Some(route) = own().find(|route| !route.open).or_else(|| own().next()) else {
        return Ok(event::scheduled(
            &function.name,
            &random::id()?,
            clock::now(),
            &event::detail(),
        ));
    };
    let request = Request::builder().method(route.method.as_str()).uri("/");
    let (request, ()) = request.body(()).map_err(Unusable::from)?.into_parts();
    let taken = Taken { route, parameters: BTreeMap::new() };
    let context = Context {
        host: host.to_owned(),
        request_id: random::id()?,
        time: clock::now(),
        claims: None,
    };
    Ok(event::http(&request, b"", &taken, &context))
}

/// Hands the table's stream to whoever reads it; without one, the schedule's sweep has to do, often.
fn start_streams(parts: &Parts, functions: Vec<Function>, position: Option<Position>) {
    let mut position = position;
    for function in functions {
        let Some(stream) = function.stream else { continue };
        if let Some(position) = position.take() {
            let functions = parts.functions.clone();
            tokio::spawn(stream::follow(position, stream, function.name, functions));
        } else {
            let schedules = Arc::clone(&parts.schedules);
            tokio::spawn(schedules.repeat(function.name, SWEEP_PAUSE));
        }
    }
}

/// Deletes what is past its time to live, now and then, as `DynamoDB` does.
async fn expire(database: dynoxide::Database) {
    loop {
        tokio::time::sleep(TTL_PAUSE).await;
        let database = database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            eprintln!("what is past its time cannot be deleted: {error}");
        }
    }
}

fn say_ready(base: &str, no_console: Option<&str>, table: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "ready {base}")?;
    output.flush()?;
    match no_console {
        None => eprintln!("  console    {base}/"),
        Some(reason) => eprintln!("  no console: {reason}"),
    }
    eprintln!("  HTTP API   {base}/v1");
    eprintln!("  mails      {base}/_local/inbox");
    eprintln!("  tokens     POST {base}/_local/tokens  {{\"email\": \"lea@example.org\"}}");
    eprintln!("  schedules  POST {base}/_local/schedules/FUNCTION  (audit-seats, deliver)");
    eprintln!("  invoke     POST {base}/_local/functions/FUNCTION  (erase)");
    eprintln!("  table      {table}  (DynamoDB, table {TABLE_NAME}, any credentials)");
    eprintln!("  Ctrl-C stops all");
    Ok(())
}
