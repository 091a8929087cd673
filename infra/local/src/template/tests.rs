use super::*;
use serde_json::json;

fn parameters() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("Issuer", "http://127.0.0.1:1/_local".to_owned()),
        ("JwtAudience", "coulisses-local".to_owned()),
        ("PlatformClientIds", "platform".to_owned()),
        ("LinkUrl", "http://127.0.0.1:1/invitation".to_owned()),
        ("MailFrom", "acces@coulisses.test".to_owned()),
    ])
}

fn template() -> Template {
    Template::parse(include_str!("../../../template.yaml"), &parameters()).unwrap()
}

#[test]
fn the_table_is_that_of_the_template() {
    let template = template();
    assert_eq!(template.table["TableName"], TABLE_NAME);
    assert_eq!(template.table["KeySchema"][1]["AttributeName"], "sk");
    assert_eq!(template.table["GlobalSecondaryIndexes"][0]["IndexName"], "gsi1");
    assert_eq!(template.table["StreamSpecification"]["StreamEnabled"], true);
    assert_eq!(template.table.get("PointInTimeRecoverySpecification"), None);
    assert_eq!(template.ttl.as_deref(), Some("ttl"));
}

#[test]
fn the_authorizer_has_the_values_of_the_parameters() {
    let jwt = template().jwt;
    assert_eq!(jwt.issuer, "http://127.0.0.1:1/_local");
    assert_eq!(jwt.audience, ["coulisses-local"]);
}

#[test]
fn pages_of_the_given_origins_may_call_the_api_as_the_template_says() {
    assert_eq!(template().cors, None);
    let mut with = parameters();
    with.insert("CorsOrigins", "https://a.example,https://b.example".to_owned());
    let template = Template::parse(include_str!("../../../template.yaml"), &with).unwrap();
    let cors = template.cors.unwrap();
    assert_eq!(cors.allow_origins, ["https://a.example", "https://b.example"]);
    // The headers that the embedded team sends.
    for header in
        ["authorization", "accept-language", "content-type", "if-match", "idempotency-key"]
    {
        assert!(cors.allow_headers.iter().any(|allowed| allowed == header), "{header}");
    }
}

#[test]
fn only_links_of_invitations_and_the_metadata_of_authzen_are_open() {
    let template = template();
    let open = template.routes.iter().filter(|route| route.open);
    let mut open: Vec<&str> = open.map(|route| route.path.as_str()).collect();
    open.sort_unstable();
    assert_eq!(
        open,
        [
            "/.well-known/authzen-configuration",
            "/v1/invitations/decline",
            "/v1/invitations/preview",
            "/v1/invitations/renewal",
        ]
    );
    let invites = template.routes.iter().filter(|route| route.function == "invite");
    let invites: Vec<_> =
        invites.map(|route| (route.method.as_str(), route.path.as_str())).collect();
    assert!(invites.contains(&("POST", "/v1/scopes/{scope}/collaborators")), "{invites:?}");
}

#[test]
fn environments_include_globals_and_secrets() {
    let environment = template().environment();
    assert_eq!(environment["TABLE_NAME"], TABLE_NAME);
    assert_eq!(environment["ID_KEY"], ID_KEY);
    assert_eq!(environment["INVITATIONS_A_DAY"], "500");
    assert_eq!(environment["PLATFORM_CLIENT_IDS"], "platform");
}

#[test]
fn the_outbox_is_read_from_the_stream_and_on_a_schedule() {
    let template = template();
    let deliver = template.functions.iter().find(|function| function.name == "deliver").unwrap();
    assert!(deliver.schedules.contains(&Schedule::Every(Duration::from_mins(1), None)));
    let stream = deliver.stream.as_ref().unwrap();
    assert_eq!(stream.batch, 10);
    assert_eq!(stream.patterns.len(), 1);
}

#[test]
fn the_seat_audit_has_two_schedules_and_a_route() {
    let template = template();
    let audit = template.functions.iter().find(|function| function.name == "audit-seats").unwrap();
    let waiting = json!({ "detail": { "waiting": true } });
    let schedules = [
        Schedule::Every(Duration::from_hours(1), None),
        Schedule::Every(Duration::from_mins(5), Some(waiting)),
    ];
    assert_eq!(audit.schedules, schedules);
    assert!(template.routes.iter().any(|route| route.function == "audit-seats"));
}

#[test]
fn a_rate_is_read_and_a_cron_expression_runs_manually() {
    assert_eq!(
        schedule("rate(1 day)", None).unwrap(),
        Schedule::Every(Duration::from_hours(24), None)
    );
    assert_eq!(schedule("cron(0 3 * * ? *)", None).unwrap(), Schedule::Manual);
    assert!(schedule("often", None).is_err());
}

#[test]
fn a_missing_parameter_is_named() {
    let error = Template::parse(include_str!("../../../template.yaml"), &BTreeMap::new());
    let error = format!("{:#}", error.unwrap_err());
    assert!(error.ends_with("has no value on one machine"), "{error}");
}
