//! The console resources of the template: the page's policy, the API behind it, who reads the files.

use std::collections::BTreeMap;

use coulisses_tests::Template;
use serde_json::json;
use yaml_serde::Value as Yaml;

const PARTS: [&str; 6] = [
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
];

/// The properties of the only resource of a type.
fn one(kind: &str) -> Yaml {
    let found = Template::read().resources_of(kind);
    assert_eq!(found.len(), 1, "{kind}");
    found.into_values().next().unwrap()
}

fn text(value: &Yaml) -> &str {
    value.as_str().unwrap_or_else(|| panic!("a string instead of {value:?}"))
}

fn texts(list: &Yaml) -> Vec<&str> {
    list.as_sequence().unwrap().iter().map(text).collect()
}

#[test]
fn no_parameter_can_break_out_of_a_string_in_the_function_or_the_content_security_policy() {
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
fn the_content_security_policy_allows_only_own_files_the_api_and_the_issuer() {
    let headers =
        one("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"].clone();
    let security = &headers["SecurityHeadersConfig"];
    let policy = &security["ContentSecurityPolicy"]["ContentSecurityPolicy"];
    let directives: BTreeMap<&str, &str> =
        text(&policy[0]).split(';').map(|part| part.trim().split_once(' ').unwrap()).collect();
    let expected = BTreeMap::from([
        ("default-src", "'none'"),
        ("script-src", "'self'"),
        ("style-src", "'self'"),
        ("img-src", "'self' data: https:"),
        ("font-src", "'self'"),
        ("connect-src", "'self' https://${IssuerHost} ${ConsoleConnect}"),
        ("base-uri", "'none'"),
        ("form-action", "'none'"),
        ("frame-ancestors", "'none'"),
        ("manifest-src", "'self'"),
    ]);
    assert_eq!(directives, expected);
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
fn the_whole_api_has_the_same_origin_and_is_not_cached() {
    let distribution = one("AWS::CloudFront::Distribution")["DistributionConfig"].clone();
    // `Fn::If`: what is there under a condition, and without it.
    let behaviours = distribution["CacheBehaviors"].as_sequence().unwrap();
    let behaviours: Vec<(&str, &Yaml)> = behaviours
        .iter()
        .map(|behaviour| (text(&behaviour["Fn::If"][0]), &behaviour["Fn::If"][1]))
        .collect();
    let paths: Vec<_> = behaviours.iter().map(|(on, it)| (*on, text(&it["PathPattern"]))).collect();
    let metadata = "/.well-known/authzen-configuration";
    let expected = [("HasConsole", "/v1/*"), ("HasWebAcl", "/access/*"), ("HasWebAcl", metadata)];
    assert_eq!(paths, expected);
    for route in Template::read().routes() {
        let reaches = |(_, it): &&(&str, &Yaml)| {
            route.path.starts_with(text(&it["PathPattern"]).trim_end_matches('*'))
        };
        let (_, behaviour) = behaviours.iter().find(reaches).expect("it is reachable");
        assert!(texts(&behaviour["AllowedMethods"]).contains(&route.method.as_str()), "{route:?}");
    }
    let api = behaviours[0].1;
    // The ids of the managed policies CachingDisabled and AllViewerExceptHostHeader.
    let default = &distribution["DefaultCacheBehavior"]["Fn::If"];
    // The metadata alone passes the viewer's host name on.
    let host = &behaviours[2].1["FunctionAssociations"][0]["FunctionARN"];
    assert_eq!(text(host), "ViewerHostFunction.FunctionARN");
    for api in [api, behaviours[1].1, &default[2]] {
        assert_eq!(text(&api["CachePolicyId"]), "4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
        assert_eq!(text(&api["OriginRequestPolicyId"]), "b689b0a8-53d0-40ab-baf2-68738e2966ac");
        assert_eq!(text(&api["ViewerProtocolPolicy"]), "https-only");
        assert!(api["FunctionAssociations"].is_null(), "no path of the API is rewritten");
    }
    let files = &default[1];
    assert_eq!(texts(&files["AllowedMethods"]), ["GET", "HEAD"]);
    for behaviour in [api, files] {
        assert_eq!(text(&behaviour["ResponseHeadersPolicyId"]), "ConsoleHeaders");
        assert_ne!(text(&behaviour["ViewerProtocolPolicy"]), "allow-all");
    }
    // A custom error response would replace the API's errors too.
    assert!(distribution["CustomErrorResponses"].is_null());
}

#[test]
fn only_cloudfront_reads_the_files_and_only_by_tls() {
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
fn without_a_client_id_the_console_is_not_deployed() {
    let template = Template::read();
    assert_eq!(template.parameters()["ConsoleClientId"], Some(String::new()));
    let conditional = template.conditions();
    let mut checked = 0;
    for kind in PARTS {
        for name in template.resources_of(kind).into_keys() {
            // The distribution also puts a web ACL in front of the API.
            let condition = conditional.get(&name).map(String::as_str);
            let needed = ["HasConsole", "HasDistribution", "HasWebAcl"].map(Some);
            assert!(needed.contains(&condition), "{name}: {condition:?}");
            checked += 1;
        }
    }
    // There are two functions of CloudFront.
    assert_eq!(checked, PARTS.len() + 1);
    for output in ["ConsoleUrl", "ConsoleBucket", "ConsoleDistribution"] {
        assert_eq!(template.output(output)["Condition"].as_str(), Some("HasConsole"), "{output}");
    }
}
