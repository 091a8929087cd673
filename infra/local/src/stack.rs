//! Starts the parts of the stack, in order.

use crate::authorizer::Authorizer;
use crate::bus::{self, Bus};
use crate::children::Children;
use crate::console::{self, Files, Missing, Site};
use crate::cors;
use crate::demo::Demo;
use crate::event::{self, Context};
use crate::feedback::Feedback;
use crate::functions::{Functions, Instances};
use crate::gateway::Gateway;
use crate::inbox::{self, Inbox};
use crate::invocations::{self, Invoker};
use crate::issuer::{self, ISSUER, Issuer, PLATFORM};
use crate::loopback;
use crate::origins::Origins;
use crate::pages;
use crate::project::{self, Environment, Project};
use crate::routes::{Route, RouteMatch, Routes};
use crate::settings::{self, Settings};
use crate::sign_in::{self, SignIn};
use crate::stream::{self, Position};
use crate::table::Table;
use crate::template::{Function, TABLE_NAME, Template};
use crate::values::{now, random_id};
use anyhow::{Context as _, Result};
use axum::Router;
use axum::http::Request;
use axum::middleware::from_fn;
use dynoxide::Database;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

const AUDIENCE: &str = "coulisses-local";
const MAIL_FROM: &str = "acces@coulisses.test";

/// How long the first call of a function may take.
const WARM_LIMIT: Duration = Duration::from_mins(1);

const TTL_PAUSE: Duration = Duration::from_mins(1);
const SWEEP_PAUSE: Duration = Duration::from_secs(1);

/// Starts the stack and runs it until one of its parts fails.
pub async fn run(settings: &Settings, children: &Children) -> Result<()> {
    let port = settings.port;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.with_context(|| {
        format!("port {port} cannot be used; choose another one with --port, or any with --port 0")
    })?;
    let host = listener.local_addr()?.to_string();
    let base = format!("http://{host}");

    let project = Project::find().await?;
    let template =
        Template::read(&project.root.join("infra/template.yaml"), &parameters(&base, settings))
            .context("infra/template.yaml cannot be used")?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let table = Table::open(settings.table_location(), http.clone(), settings.account()).await?;
    table.create(&template.table, template.ttl.as_deref()).await?;
    let options = settings.build_options();
    let (cargo_lambda, console, ()) = tokio::try_join!(
        project.cargo_lambda(),
        async { Ok(console::build(&project, children, !settings.no_console).await) },
        project.build(children, options),
    )?;

    eprintln!("starting ...");
    let environment = environment(settings, &template, &table.endpoint, &base);
    let (server, address) = project.serve(children, &cargo_lambda, options, &environment)?;
    let instances = (!options.watch).then(|| {
        let (children, address) = (children.clone(), address.clone());
        Instances::new(Box::new(move |function| {
            children.start(&project.instance(function, &address, options, &environment)?)
        }))
    });
    let functions = Functions::new(http.clone(), address.clone(), instances);
    let services = Services::new(functions, &template.functions)?;
    let no_console = console.as_ref().err().map(ToString::to_string);
    let router = services.router(settings, &template, console, &listener)?;
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("the gateway is no longer served: {error}");
        }
    });
    project::wait_until_served(&server, &address).await?;

    let demo = (!settings.empty).then(|| Demo {
        http,
        base: base.clone(),
        issuer: Arc::clone(&services.issuer),
        inbox: settings.with_inbox().then(|| Arc::clone(&services.inbox)),
    });
    tokio::select! {
        prepared = prepare(&services, template, &table, &host, demo) => prepared?,
        error = project::failure(&server) => return Err(error),
    }
    print_ready(&base, no_console.as_deref(), &table.endpoint)?;
    Err(project::failure(&server).await)
}

/// The services beside the table.
struct Services {
    functions: Functions,
    issuer: Arc<Issuer>,
    inbox: Arc<Inbox>,
    bus: Arc<Bus>,
    invoker: Arc<Invoker>,
}

impl Services {
    fn new(functions: Functions, all: &[Function]) -> Result<Self> {
        Ok(Self {
            issuer: Arc::new(Issuer::new(AUDIENCE)?),
            inbox: Arc::new(Inbox::new(Feedback::new(functions.clone(), all))),
            bus: Arc::default(),
            invoker: Arc::new(Invoker::new(functions.clone(), all)),
            functions,
        })
    }

    /// The routes of the console, the HTTP API and everything below `/_local`.
    fn router(
        &self,
        settings: &Settings,
        template: &Template,
        console: Result<PathBuf, Missing>,
        listener: &TcpListener,
    ) -> Result<Router> {
        let address = listener.local_addr()?;
        let origins = Origins::new(address.port());
        let site = Site {
            console: console.map(Files::new),
            gateway: Gateway {
                routes: Routes::new(&template.routes)?,
                authorizer: Authorizer::new(&template.jwt, self.issuer.decoding_key()?),
                functions: self.functions.clone(),
                host: address.to_string(),
            },
            origins: origins.clone(),
            with_inbox: settings.with_inbox(),
        };
        let sign_in = SignIn::new(Arc::clone(&self.issuer), origins, !settings.empty);
        let own = Router::new()
            .merge(issuer::router(Arc::clone(&self.issuer)))
            .merge(sign_in::router(sign_in))
            .merge(inbox::router(Arc::clone(&self.inbox)))
            .merge(bus::router(Arc::clone(&self.bus)))
            .merge(invocations::router(Arc::clone(&self.invoker)))
            .merge(pages::router());
        let mut site = console::router(site);
        if let Some(cors) = &template.cors {
            site = site.layer(cors::layer(cors)?);
        }
        Ok(own_routes(own).merge(site))
    }
}

/// Everything beside the console and the HTTP API: for this machine only.
pub fn own_routes(routes: Router) -> Router {
    routes.layer(from_fn(loopback::only))
}

/// The variables of the functions.
fn environment(settings: &Settings, template: &Template, table: &str, base: &str) -> Environment {
    let bus = format!("{base}{}", bus::PATH);
    let services = settings::Services { table, mail: base, bus: &bus };
    let own = settings.environment(services).into_iter();
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let declared = template.environment().into_iter().map(|(name, value)| (name, Some(value)));
    own.chain(declared).collect()
}

/// The values of the template's parameters.
fn parameters(base: &str, settings: &Settings) -> BTreeMap<&'static str, String> {
    let mut parameters = BTreeMap::from([
        ("Issuer", ISSUER.to_owned()),
        ("JwtAudience", AUDIENCE.to_owned()),
        ("PlatformClientIds", PLATFORM.to_owned()),
        ("Lists", "by-grant".to_owned()),
        ("FreshLoginSeconds", "300".to_owned()),
        ("LinkUrl", format!("{base}/invitation")),
        ("MailFrom", MAIL_FROM.to_owned()),
        ("CorsOrigins", settings.cors_origins.clone()),
    ]);
    if settings.with_inbox() {
        // The inbox takes what it gets. One batch of the stream runs at a time, which has an eighth of this: with the
        // default, one invitation of a hundred people would delay everyone else's mail by a minute.
        parameters.insert("MaxSendRate", "800".to_owned());
    }
    parameters
}

/// Calls each function once, starts streams and schedules, and creates the demonstration data.
async fn prepare(
    services: &Services,
    template: Template,
    table: &Table,
    host: &str,
    demo: Option<Demo>,
) -> Result<()> {
    let Services { functions, invoker, .. } = services;
    // Before the first write, so that no record is missed.
    let positions = positions(&template.functions, table.database.as_ref())?;
    let count = template.functions.len();
    for (index, function) in template.functions.iter().enumerate() {
        eprintln!("warming {} ({} of {count})", function.name, index + 1);
        let event = first_event(function, &template.routes, host)?;
        if let Err(error) = functions.call(&function.name, &event, WARM_LIMIT).await {
            eprintln!("{} did not answer: {error:#}", function.name);
        }
    }
    invoker.start_schedules();
    start_streams(functions, invoker, template.functions, positions);
    if let Some(database) = table.database.clone() {
        tokio::spawn(expire(database));
    }
    if let Some(demo) = demo {
        eprintln!("creating the demonstration data ...");
        if let Err(error) = demo.create().await {
            eprintln!("the demonstration data is incomplete: {error:#}");
        }
    }
    Ok(())
}

/// The event of a function's first call: a request without claims, no records of the stream, or its schedule.
fn first_event(function: &Function, routes: &[Route], host: &str) -> Result<Value> {
    let own = || routes.iter().filter(|route| route.function == function.name);
    let Some(route) = own().find(|route| !route.open).or_else(|| own().next()) else {
        if function.stream.is_some() && function.schedules.is_empty() {
            return Ok(json!({"Records": []}));
        }
        let detail = event::default_detail();
        return Ok(event::scheduled(&function.name, &random_id(), now(), &detail));
    };
    let request = Request::builder().method(route.method.as_str()).uri("/");
    let (request, ()) = request.body(())?.into_parts();
    let found = RouteMatch { route, parameters: BTreeMap::new() };
    let context =
        Context { host: host.to_owned(), request_id: random_id(), time: now(), claims: None };
    Ok(event::http(&request, b"", &found, &context))
}

/// The end of the table's stream, once for each function that reads it; none if the table is elsewhere.
fn positions(all: &[Function], database: Option<&Database>) -> Result<Vec<Position>> {
    let readers = all.iter().filter(|function| function.stream.is_some());
    let databases = readers.filter_map(|_| database.cloned());
    databases.map(Position::latest).collect()
}

/// Sends the table's stream to the functions that read it. A table elsewhere has none to read, so the scheduled sweep of
/// such a function runs often instead; one without a schedule does not run.
fn start_streams(
    functions: &Functions,
    invoker: &Arc<Invoker>,
    all: Vec<Function>,
    positions: Vec<Position>,
) {
    let mut positions = positions.into_iter();
    for function in all {
        let Some(stream) = function.stream else { continue };
        if let Some(position) = positions.next() {
            tokio::spawn(stream::follow(position, stream, function.name, functions.clone()));
        } else if !function.schedules.is_empty() {
            tokio::spawn(Arc::clone(invoker).repeat(function.name, SWEEP_PAUSE, None));
        }
    }
}

/// Regularly deletes the items past their time to live, as `DynamoDB` does.
async fn expire(database: Database) {
    loop {
        tokio::time::sleep(TTL_PAUSE).await;
        let database = database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        if let Ok(Err(error)) = swept {
            eprintln!("expired items cannot be deleted: {error}");
        }
    }
}

fn print_ready(base: &str, no_console: Option<&str>, table: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "ready {base}")?;
    output.flush()?;
    match no_console {
        None => eprintln!("  console    {base}/"),
        Some(reason) => eprintln!("  no console: {reason}"),
    }
    eprintln!("  HTTP API   {base}/v1");
    eprintln!("  mails      {base}/_local/inbox");
    eprintln!("  events     {base}/_local/bus");
    eprintln!("  tokens     POST {base}/_local/tokens  {{\"email\": \"lea@example.org\"}}");
    eprintln!("  schedules  POST {base}/_local/schedules/FUNCTION  (audit-seats, deliver)");
    eprintln!("  invoke     POST {base}/_local/functions/FUNCTION  (erase)");
    eprintln!("  table      {table}  (DynamoDB, table {TABLE_NAME}, any credentials)");
    eprintln!("  Ctrl-C stops everything");
    Ok(())
}
