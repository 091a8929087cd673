//! The console as the template deploys it: what the function at the edge answers, what the page may do, who reads the files.

use std::collections::BTreeMap;

use coulisses_tests::Template;
use rquickjs::{Context, Runtime};
use serde_json::{Value, json};
use yaml_serde::Value as Yaml;

const PARTS: [&str; 6] = [
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
];

/// The properties of the one resource of a kind.
fn one(kind: &str) -> Yaml {
    let found = Template::read().named(kind);
    assert_eq!(found.len(), 1, "{kind}");
    found.into_values().next().unwrap()
}

fn text(value: &Yaml) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a text where {value:?} is"))
}

fn texts(list: &Yaml) -> Vec<&str> {
    list.as_sequence().unwrap().iter().map(text).collect()
}

/// What the function at the edge makes of a request, or answers itself, in an engine that knows the language alone.
fn handled(path: &str) -> Value {
    let code = one("AWS::CloudFront::Function")["FunctionCode"].clone();
    let code = text(&code)
        .replace("${Issuer}", "https://login.example.org/acme")
        .replace("${ConsoleClientId}", "console");
    assert!(!code.contains("${"), "a parameter without a value here: {code}");
    let request = json!({
        "method": "GET", "uri": path, "querystring": { "code": { "value": "c" } },
        "headers": { "host": { "value": "console.example.org" } }, "cookies": {},
    });
    let event = json!({ "version": "1.0", "context": { "eventType": "viewer-request" }, "request": request });
    let engine = Runtime::new().unwrap();
    let context = Context::full(&engine).unwrap();
    let said: String =
        context.with(|it| it.eval(format!("{code}\nJSON.stringify(handler({event}))")).unwrap());
    serde_json::from_str(&said).unwrap()
}

#[test]
fn each_path_of_the_app_is_given_its_one_page_and_each_file_is_itself() {
    for path in [
        "/",
        "/signed-in",
        "/signed-out",
        "/invitation",
        "/scopes/acme",
        "/scopes/acme:tech:summit-2027",
        "/scopes/acme%3Atech/history",
        "/v1.2/scopes/acme",
        "/assets",
    ] {
        let request = handled(path);
        assert_eq!(request["uri"], "/index.html", "{path}");
        assert_eq!(request["querystring"]["code"]["value"], "c", "nothing else of it changes");
    }
    for path in ["/index.html", "/favicon.svg", "/assets/index-4f2a.js", "/assets/unknown"] {
        assert_eq!(handled(path)["uri"], path);
    }
}

#[test]
fn what_the_app_must_know_of_the_deployment_is_answered_and_kept_by_nobody() {
    let answer = handled("/config.json");
    assert_eq!(answer["statusCode"], 200);
    assert_eq!(answer["headers"]["content-type"]["value"], "application/json");
    assert_eq!(answer["headers"]["cache-control"]["value"], "no-store");
    let config: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    let expected = json!({
        "authority": "https://login.example.org/acme", "clientId": "console", "scope": "openid email profile",
    });
    assert_eq!(config, expected);
}

/// The parameters that stand in the function's texts have none of the signs that would end them.
#[test]
fn no_parameter_can_be_more_than_a_text_in_the_function_and_in_the_policy_of_the_page() {
    let patterns = Template::read().patterns();
    for name in ["Issuer", "ConsoleClientId", "ConsoleConnect"] {
        let pattern = json!({ "type": "string", "pattern": patterns[name] });
        let takes = |value: &str| jsonschema::is_valid(&pattern, &json!(value));
        let good =
            if name == "ConsoleClientId" { "4f-x" } else { "https://login.example.org:8443" };
        assert!(takes(good), "{name}");
        for sign in ["\"", "'", "\\", ";", ",", "\n", "<"] {
            assert!(!takes(&format!("{good}{sign}x")), "{name} takes {sign:?}");
            assert!(!takes(&format!("{good}/{sign}x")), "{name} takes {sign:?} in a path");
        }
    }
    assert!(jsonschema::is_valid(
        &json!({ "pattern": patterns["Issuer"] }),
        &json!("https://cognito-idp.eu-west-3.amazonaws.com/eu-west-3_Ab1"),
    ));
}

#[test]
fn the_page_may_load_what_it_brings_call_its_api_and_its_issuer_and_nothing_else() {
    let headers =
        one("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"].clone();
    let security = &headers["SecurityHeadersConfig"];
    let policy = &security["ContentSecurityPolicy"]["ContentSecurityPolicy"];
    let told: BTreeMap<&str, &str> =
        text(&policy[0]).split(';').map(|part| part.trim().split_once(' ').unwrap()).collect();
    let expected = BTreeMap::from([
        ("default-src", "'none'"),
        ("script-src", "'self'"),
        ("style-src", "'self'"),
        ("img-src", "'self' data:"),
        ("font-src", "'self'"),
        ("connect-src", "'self' https://${IssuerHost} ${ConsoleConnect}"),
        ("base-uri", "'none'"),
        ("form-action", "'none'"),
        ("frame-ancestors", "'none'"),
        ("manifest-src", "'self'"),
    ]);
    assert_eq!(told, expected);
    assert_eq!(text(&security["ReferrerPolicy"]["ReferrerPolicy"]), "no-referrer");
    assert_eq!(text(&security["FrameOptions"]["FrameOption"]), "DENY");
    let a_year = 31_536_000;
    assert!(
        security["StrictTransportSecurity"]["AccessControlMaxAgeSec"].as_i64().unwrap() >= a_year
    );
    for (name, header) in security.as_mapping().unwrap() {
        assert_eq!(header["Override"].as_bool(), Some(true), "{name:?}");
    }
    assert!(security["ContentTypeOptions"].is_mapping());
}

#[test]
fn the_api_is_under_the_same_origin_whole_and_kept_by_no_cache() {
    let distribution = one("AWS::CloudFront::Distribution")["DistributionConfig"].clone();
    let behaviours = distribution["CacheBehaviors"].as_sequence().unwrap();
    assert_eq!(behaviours.len(), 1);
    let api = &behaviours[0];
    assert_eq!(text(&api["PathPattern"]), "/v1/*");
    for route in Template::read().routes() {
        assert!(route.path.starts_with("/v1/"), "{route:?} is not reached");
        assert!(texts(&api["AllowedMethods"]).contains(&route.method.as_str()), "{route:?}");
    }
    // CachingDisabled and AllViewerExceptHostHeader, by the ids that AWS gave them.
    assert_eq!(text(&api["CachePolicyId"]), "4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    assert_eq!(text(&api["OriginRequestPolicyId"]), "b689b0a8-53d0-40ab-baf2-68738e2966ac");
    assert!(api["FunctionAssociations"].is_null(), "no path of the API is rewritten");
    let files = &distribution["DefaultCacheBehavior"];
    assert_eq!(texts(&files["AllowedMethods"]), ["GET", "HEAD"]);
    for behaviour in [api, files] {
        assert_eq!(text(&behaviour["ResponseHeadersPolicyId"]), "ConsoleHeaders");
        assert_ne!(text(&behaviour["ViewerProtocolPolicy"]), "allow-all");
    }
    // An answer in the place of an error would stand in the place of the API's as well.
    assert!(distribution["CustomErrorResponses"].is_null());
}

#[test]
fn cloudfront_alone_reads_the_files_and_by_tls_alone() {
    let bucket = one("AWS::S3::Bucket");
    for (name, blocked) in bucket["PublicAccessBlockConfiguration"].as_mapping().unwrap() {
        assert_eq!(blocked.as_bool(), Some(true), "{name:?}");
    }
    let policy = one("AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"].clone();
    let mut allowed = 0;
    for statement in policy.as_sequence().unwrap() {
        if text(&statement["Effect"]) == "Allow" {
            allowed += 1;
            assert_eq!(text(&statement["Principal"]["Service"]), "cloudfront.amazonaws.com");
            assert_eq!(text(&statement["Action"]), "s3:GetObject");
            let source = text(&statement["Condition"]["StringEquals"]["aws:SourceArn"]);
            assert!(source.ends_with(":distribution/${ConsoleDistribution}"), "{source}");
        } else {
            assert_eq!(text(&statement["Condition"]["Bool"]["aws:SecureTransport"]), "false");
            assert_eq!(text(&statement["Action"]), "s3:*");
        }
    }
    assert_eq!((allowed, policy.as_sequence().unwrap().len()), (1, 2));
}

#[test]
fn without_a_client_id_nothing_of_the_console_is_made() {
    let template = Template::read();
    assert_eq!(template.parameters()["ConsoleClientId"], Some(String::new()));
    let conditional = template.conditions();
    let mut made = 0;
    for kind in PARTS {
        for name in template.named(kind).into_keys() {
            assert_eq!(conditional.get(&name).map(String::as_str), Some("HasConsole"), "{name}");
            made += 1;
        }
    }
    assert_eq!(made, PARTS.len());
    for output in ["ConsoleUrl", "ConsoleBucket", "ConsoleDistribution"] {
        assert_eq!(template.output(output)["Condition"].as_str(), Some("HasConsole"), "{output}");
    }
}
