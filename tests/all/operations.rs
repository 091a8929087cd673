//! Alarms and their runbook sections, metrics, throttling, the access log and the parameters of the template.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    time::Duration,
};

use coulisses_domain::time::DAY;
use coulisses_tests::{Template, World};
use serde_json::{Value, json};
use yaml_serde::Value as Yaml;

use crate::support::{LEA, acme, invited};

const MINUTE: Duration = Duration::from_mins(1);

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).unwrap()
}

fn alarms() -> BTreeMap<String, Yaml> {
    Template::read().resources_of("AWS::CloudWatch::Alarm")
}

/// The anchors of the headings of a page.
fn anchors(page: &str) -> BTreeSet<String> {
    let titles = page.lines().filter_map(|line| line.strip_prefix("## "));
    let kept = |letter: &char| letter.is_alphanumeric() || " -".contains(*letter);
    let anchor = |title: String| title.chars().filter(kept).collect::<String>().replace(' ', "-");
    titles.map(|title| anchor(title.to_lowercase())).collect()
}

/// The metrics of an alarm: namespace, name, dimensions.
fn metrics(alarm: &Yaml) -> Vec<(String, String, BTreeMap<String, String>)> {
    let of = |metric: &Yaml| {
        let dimensions = metric["Dimensions"].as_sequence().into_iter().flatten();
        let value = |value: &Yaml| value.as_str().unwrap_or("one of two").to_owned();
        let dimensions = dimensions.map(|one| (text(&one["Name"]), value(&one["Value"]))).collect();
        (text(&metric["Namespace"]), text(&metric["MetricName"]), dimensions)
    };
    let several = alarm["Metrics"].as_sequence().into_iter().flatten();
    let several =
        several.map(|one| &one["MetricStat"]["Metric"]).filter(|metric| !metric.is_null());
    let single = Some(alarm).filter(|alarm| !alarm["MetricName"].is_null());
    several.chain(single).map(of).collect()
}

fn text(value: &Yaml) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text instead of {value:?}")).to_owned()
}

#[test]
fn each_alarm_has_a_meaning_and_a_section_of_the_runbook() {
    let pages = anchors(&read("docs/runbook.md"));
    for (name, alarm) in alarms() {
        let description = text(&alarm["AlarmDescription"]);
        let (meaning, anchor) = description.split_once(" ${Runbook}#").unwrap();
        assert!(meaning.len() > 20, "{name} says too little");
        assert!(pages.contains(anchor), "{name}: the runbook has no {anchor}");
        for actions in ["AlarmActions", "OKActions"] {
            assert_eq!(alarm[actions].as_sequence().unwrap().len(), 1, "{name} notifies no one");
        }
    }
}

#[test]
fn each_alarm_is_on_the_dashboard() {
    let template = Template::read();
    let dashboards = template.resources_of("AWS::CloudWatch::Dashboard");
    let body = text(&dashboards["Dashboard"]["DashboardBody"][0]);
    assert!(serde_json::from_str::<Value>(&body).unwrap()["widgets"].is_array());
    for name in alarms().into_keys() {
        assert!(body.contains(&format!("\"${{{name}.Arn}}\"")), "{name} is not on the dashboard");
    }
}

#[test]
fn each_custom_metric_of_an_alarm_is_recorded() {
    let filters = Template::read().resources_of("AWS::Logs::MetricFilter");
    let by_filter = |namespace: &str, name: &str| {
        let mut filters = filters.values().map(|filter| &filter["MetricTransformations"][0]);
        filters.any(|one| {
            text(&one["MetricNamespace"]) == namespace && text(&one["MetricName"]) == name
        })
    };
    let by_function = |function: &str, name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions").join(function);
        let mut files = fs::read_dir(folder.join("src")).unwrap();
        files.any(|file| {
            fs::read_to_string(file.unwrap().path()).unwrap().contains(&format!("(\"{name}\", "))
        })
    };
    let mut ours = 0;
    for (alarm, properties) in alarms() {
        for (namespace, name, dimensions) in metrics(&properties) {
            if namespace.starts_with("AWS/") {
                continue;
            }
            // Otherwise the metrics of one stack would keep the alarms of another one quiet.
            assert_eq!(namespace, "Coulisses/${AWS::StackName}", "{alarm}");
            let counted = match dimensions.get("function") {
                Some(function) => by_function(function, &name),
                None => by_filter(&namespace, &name),
            };
            assert!(counted, "{alarm} uses {name}, which nothing records");
            ours += 1;
        }
    }
    assert!(ours >= 5, "only {ours} metrics");
}

/// An alarm on the API's metrics would depend on the API, the API on the functions, and the functions on the alarm.
#[test]
fn rollback_alarms_do_not_depend_on_the_api() {
    let preference = Template::read().function_defaults()["DeploymentPreference"].clone();
    let choice = &preference["Alarms"]["Fn::If"];
    let names: Vec<String> = choice[1].as_sequence().unwrap().iter().map(text).collect();
    assert_eq!(names, ["RequestsFail", "BackgroundFails", "MailsDelayed"]);
    // A release that ends an alarm is deployed with `WatchRelease=false`.
    assert_eq!(
        (text(&choice[0]), text(&choice[2][0])),
        ("WatchesRelease".into(), "AWS::NoValue".into())
    );
    for name in names {
        assert!(!format!("{:?}", alarms()[&name]).contains("HttpApi"), "{name}");
    }
}

#[test]
fn a_changed_setting_publishes_a_version_of_each_function_that_uses_it() {
    let template = Template::read();
    let mut described = 0;
    for (function, properties) in template.functions() {
        let environment = format!("{:?}", properties["Environment"]["Variables"]);
        let description = format!("{:?}", properties["VersionDescription"]);
        for parameter in template.parameters().into_keys() {
            let words = |text: &str| {
                text.split(|c: char| !c.is_alphanumeric()).any(|word| word == parameter)
            };
            if words(&environment) {
                // A description has no room for these, only for a sign of each (docs/deploying.md).
                let signs =
                    [("PlatformUrl", "HasPlatformUrl"), ("ReplyToInviter", "RepliesToInviter")];
                let is_described = signs
                    .iter()
                    .any(|(name, sign)| parameter == *name && description.contains(sign));
                assert!(
                    is_described || words(&description),
                    "{function} would keep the old {parameter}"
                );
                described += 1;
            }
        }
    }
    assert!(described > 10, "{described}");
}

#[test]
fn a_version_description_fits_whatever_the_parameters_are() {
    let template = Template::read();
    let mut longest = 0;
    for (function, properties) in template.functions() {
        let description = &properties["VersionDescription"];
        let description = description.as_str().or_else(|| description[0].as_str());
        let description = description
            .unwrap_or_default()
            .replace(" ${Origin}${Console}", "")
            .replace("${Page}${Reply}", "");
        let parts: Vec<&str> =
            description.split(['{', '}', '$', ' ']).filter(|it| !it.is_empty()).collect();
        let length: usize = parts.iter().map(|parameter| template.max_length(parameter) + 1).sum();
        // `waf` or `any` with `+` or `-`, or two of these signs.
        let rest = "any+".len();
        assert!(length + rest <= 256, "{function}: up to {} characters", length + rest);
        longest = longest.max(length);
    }
    assert!(longest > 200, "{longest}");
}

#[test]
fn each_throttled_route_exists() {
    let template = Template::read();
    let routes: BTreeSet<String> =
        template.routes().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    let api = template.resources_of("AWS::Serverless::HttpApi");
    let limited = api["HttpApi"]["RouteSettings"].as_mapping().unwrap().iter();
    let limited: Vec<String> = limited.map(|(route, _)| text(route)).collect();
    for route in &limited {
        assert!(routes.contains(route), "there is no {route}");
    }
    for open in template.routes().iter().filter(|route| route.open) {
        let route = format!("{} {}", open.method, open.path);
        assert!(limited.contains(&route), "{route} needs no login");
    }
}

#[test]
fn the_access_log_has_no_names_and_no_addresses() {
    let api = Template::read().resources_of("AWS::Serverless::HttpApi");
    let format = text(&api["HttpApi"]["AccessLogSettings"]["Format"]);
    let variables = format.split("$context.").skip(1);
    let variables: BTreeSet<&str> = variables
        .map(|rest| rest.split(|c: char| c != '.' && !c.is_alphanumeric()).next().unwrap())
        .collect();
    let harmless = "authorizer.error error.responseType integrationLatency integrationStatus requestId \
                    requestTimeEpoch responseLatency responseLength routeKey status";
    assert_eq!(variables, harmless.split(' ').collect());
    // API Gateway inserts values without quotes; the metric filters need the status as a number.
    let filled = format.replace("$context.status", "200");
    assert_eq!(serde_json::from_str::<Value>(&filled).unwrap()["status"], 200);
}

#[test]
fn the_guide_lists_all_parameters_with_their_defaults() {
    let guide = read("docs/deploying.md");
    let rows = guide.lines().filter(|line| line.starts_with("| `"));
    let documented: BTreeMap<String, Option<String>> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let default = match cells[2] {
                "" => None,
                "nothing" => Some(String::new()),
                default => Some(default.trim_matches('`').to_owned()),
            };
            (cells[1].trim_matches('`').to_owned(), default)
        })
        .collect();
    assert_eq!(documented, Template::read().parameters());
}

/// The values of a metric that `deliver` recorded since the last call.
fn counted(world: &World, name: &str) -> Vec<u64> {
    let lines = world.metrics().into_iter().filter(|line| line["function"] == "deliver");
    lines.filter_map(|line| line[name].as_u64()).collect()
}

/// `acme` where Léa is invited and the mail is queued.
async fn lea_is_invited() -> World {
    let world = acme().await;
    invited(&world, LEA, "acme:tech", "observer").await;
    drop(world.metrics());
    world
}

#[tokio::test]
async fn each_sweep_records_the_age_of_the_oldest_mail() {
    let world = lea_is_invited().await;
    world.ses.refuse(Some((429, "TooManyRequestsException")));
    world.wait(MINUTE * 3);
    world.sweep().await;
    // The next attempt is due half a minute later.
    world.wait(Duration::from_secs(10));
    world.sweep().await;
    assert_eq!(counted(&world, "OutboxAge"), [180, 190]);
    world.ses.refuse(None);
    world.wait(MINUTE);
    world.sweep().await;
    world.sweep().await;
    assert_eq!(counted(&world, "OutboxAge"), [250, 0], "sent; the outbox is empty");
    world.set_table_down(true);
    assert!(world.invoke_deliver(json!({ "detail": {} })).await.is_err());
    assert_eq!(counted(&world, "OutboxAge"), [0_u64; 0], "unknown, so not recorded");
}

#[tokio::test]
async fn a_mail_that_is_given_up_is_counted_once() {
    let world = lea_is_invited().await;
    world.ses.refuse(Some((400, "SendingPausedException")));
    world.wait(MINUTE * 3);
    world.sweep().await;
    assert_eq!(counted(&world, "FailedMails"), [0_u64; 0], "it is retried");
    world.wait(DAY);
    world.sweep().await;
    world.sweep().await;
    assert_eq!(counted(&world, "FailedMails"), [1]);
}
