//! The properties of the template that the code relies on, and that no emulator enforces.

use std::{collections::BTreeSet, time::Duration};

use coulisses_aws::table::Table;
use coulisses_tests::Template;
use serde_json::{Value, json};
use yaml_serde::Value as Yaml;

fn plain(value: &Yaml) -> Value {
    yaml_serde::from_value(value.clone()).unwrap()
}

fn table() -> Yaml {
    Template::read().resources_of("AWS::DynamoDB::Table")["Table"].clone()
}

fn seconds(value: &Yaml) -> Duration {
    Duration::from_secs(value.as_u64().unwrap())
}

#[test]
fn dynamodb_deletes_the_items_whose_ttl_has_passed() {
    let expected = json!({ "AttributeName": "ttl", "Enabled": true });
    assert_eq!(plain(&table()["TimeToLiveSpecification"]), expected);
}

#[test]
fn the_index_has_the_keys_that_the_code_queries_and_nothing_else() {
    let expected = json!([{
        "IndexName": "gsi1",
        "KeySchema": [
            { "AttributeName": "gsi1pk", "KeyType": "HASH" },
            { "AttributeName": "gsi1sk", "KeyType": "RANGE" },
        ],
        "Projection": { "ProjectionType": "KEYS_ONLY" },
    }]);
    assert_eq!(plain(&table()["GlobalSecondaryIndexes"]), expected);
}

#[test]
fn the_stream_has_keys_only_and_every_change_can_be_undone() {
    assert_eq!(table()["StreamSpecification"]["StreamViewType"].as_str(), Some("KEYS_ONLY"));
    let recovery = &table()["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
    assert_eq!(recovery.as_bool(), Some(true));
}

/// A function whose time-out is shorter than its own deadline would be stopped in the middle of a change.
#[test]
fn each_function_has_more_time_than_it_gives_itself() {
    let template = Template::read();
    let api = seconds(&template.function_defaults()["Timeout"]);
    let last_call = Duration::from_secs(3);
    assert!(Table::REQUEST_TIME + last_call < api, "{api:?}");
    assert!(api < Duration::from_secs(30), "the HTTP API waits for 30 s");
    let own = |function: &str| seconds(&template.functions()[function]["Timeout"]);
    // The last mail takes up to 9 s in SES and a few calls to the table.
    assert!(own("deliver") >= Duration::from_secs(40 + 9 + 9));
    assert_eq!(
        (own("audit-seats"), own("erase")),
        (Duration::from_mins(5), Duration::from_mins(15))
    );
}

#[test]
fn each_variable_that_the_code_reads_is_set_and_each_one_set_is_read() {
    let template = Template::read();
    let variables = |owner: &Yaml| -> BTreeSet<String> {
        let variables = owner["Environment"]["Variables"].as_mapping().into_iter().flatten();
        variables.map(|(name, _)| name.as_str().unwrap().to_owned()).collect()
    };
    let mut set = variables(&template.function_defaults());
    set.extend(template.functions().values().flat_map(variables));
    let read: BTreeSet<String> = [
        "ANNOUNCEMENTS_A_DAY",
        "CLAIMS",
        "CONSOLE_URL",
        "EVENTS_NAME_PEOPLE",
        "EVENT_BUS",
        "EVENT_SOURCE",
        "FRESH_LOGIN_SECONDS",
        "ID_KEY",
        "INVITATIONS_A_DAY",
        "LINK_URL",
        "LISTS",
        "MAIL_FROM",
        "MAX_SEND_RATE",
        "METRICS_NAMESPACE",
        "ORIGIN_SECRET",
        "PLATFORM_URL",
        "PLATFORM_CLIENT_IDS",
        "PRODUCT_NAME",
        "REPLY_TO_INVITER",
        "SES_CONFIGURATION_SET",
        "TABLE_NAME",
    ]
    .map(str::to_owned)
    .into();
    assert_eq!(set, read);
    let sources = [
        include_str!("../../shared/aws/src/config.rs"),
        include_str!("../../shared/aws/src/metrics.rs"),
        include_str!("../../functions/deliver/src/lib.rs"),
        include_str!("../../functions/publish/src/lib.rs"),
    ];
    for name in read {
        let quoted = format!("\"{name}\"");
        assert!(sources.iter().any(|source| source.contains(&quoted)), "nothing reads {name}");
    }
}

/// Without the setting, a function would count against the default.
#[test]
fn each_function_that_counts_invitation_mails_knows_their_limit() {
    let counting = [
        "provision",
        "invite",
        "assign-role",
        "identity",
        "resend",
        "transfer-ownership",
        "audit-seats",
    ];
    for (name, properties) in Template::read().functions() {
        let knows = !properties["Environment"]["Variables"]["INVITATIONS_A_DAY"].is_null();
        assert_eq!(knows, counting.contains(&name.as_str()), "{name}");
    }
}

/// An import that leaves out what API Gateway cannot create looks like a success.
#[test]
fn a_route_or_an_authorizer_that_cannot_be_created_fails_the_deployment() {
    let api = Template::read().resources_of("AWS::Serverless::HttpApi")["HttpApi"].clone();
    assert_eq!(api["FailOnWarnings"].as_bool(), Some(true));
    // SAM would mark the open routes with a scheme that does not exist.
    assert!(api["Auth"]["DefaultAuthorizer"].is_null());
    let open: Vec<String> = Template::read()
        .routes()
        .into_iter()
        .filter(|route| route.open)
        .map(|route| route.path)
        .collect();
    let expected = [
        "/.well-known/authzen-configuration",
        "/v1/invitations/decline",
        "/v1/invitations/preview",
        "/v1/invitations/renewal",
    ];
    assert_eq!(open, expected);
}

/// `CloudFront`'s functions, policies and access controls, and dashboards, have names that an account shares between regions.
#[test]
fn a_stack_of_the_same_name_fits_into_a_second_region() {
    let template = Template::read();
    let named = [
        ("AWS::CloudFront::Function", &["Name"][..]),
        ("AWS::CloudFront::OriginAccessControl", &["OriginAccessControlConfig", "Name"]),
        ("AWS::CloudFront::ResponseHeadersPolicy", &["ResponseHeadersPolicyConfig", "Name"]),
        ("AWS::CloudWatch::Dashboard", &["DashboardName"]),
    ];
    for (kind, path) in named {
        for (resource, properties) in template.resources_of(kind) {
            let name = path.iter().fold(&properties, |value, key| &value[*key]);
            let name = name.as_str().unwrap();
            assert!(name.starts_with("${AWS::StackName}-${AWS::Region}"), "{resource}");
        }
    }
}

#[test]
fn a_first_deployment_that_fails_leaves_nothing_and_a_deleted_stack_keeps_the_data() {
    let template = Template::read();
    for resource in ["Table", "IdKey", "ConsoleBucket", "Backups"] {
        assert_eq!(template.attribute(resource, "DeletionPolicy"), "RetainExceptOnCreate");
        assert_eq!(template.attribute(resource, "UpdateReplacePolicy"), "Retain");
    }
}

#[test]
fn the_limit_of_the_table_allows_eight_units_for_each_check_a_second() {
    let template = Template::read();
    let units = template.allowed_values("MaxReadUnits");
    for checks in template.allowed_values("ChecksASecond") {
        let enough: Vec<u64> = units.iter().copied().filter(|units| *units >= 8 * checks).collect();
        assert!(!enough.is_empty(), "{checks}");
        assert_eq!(template.read_units_for(checks), enough, "{checks}");
    }
    let default = |name: &str| template.parameters()[name].clone().unwrap().parse::<u64>().unwrap();
    assert!(template.read_units_for(default("ChecksASecond")).contains(&default("MaxReadUnits")));
}
