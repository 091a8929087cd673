//! The content that a catalogue must have, and the line that an error names.
#![expect(
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper of these tests fails a test by panicking, as the tests themselves do"
)]

use std::path::Path;

use coulisses_catalogue::{Catalogue, Invalid, permissions, read};

const SHIPPED: &str = include_str!("../../domain/catalogue.toml");

fn parsed(text: &str) -> Result<Catalogue, Invalid> {
    read(Path::new("my-catalogue.toml"), text)
}

/// The error for the shipped catalogue with `from` replaced by `to`.
fn error(from: &str, to: &str) -> String {
    assert!(SHIPPED.contains(from), "{from}");
    parsed(&SHIPPED.replacen(from, to, 1)).unwrap_err().to_string()
}

fn line_of(text: &str) -> usize {
    let at = SHIPPED.find(text).unwrap();
    SHIPPED[..at].matches('\n').count() + 1
}

#[test]
fn patterns_name_permissions_in_the_order_of_the_catalogue_with_the_implied_views() {
    let catalogue = parsed(SHIPPED).unwrap();
    let held = |key: &str| {
        let role = catalogue.roles.iter().find(|role| role.key == key).unwrap();
        role.permissions.join(" ")
    };
    assert_eq!(held("supervisor"), "dashboard:view contacts:view contacts:export");
    assert_eq!(catalogue.permissions().count(), 30);
    assert_eq!(held("owner").split(' ').count(), 30);
    assert_eq!(held("contributor").split(' ').count(), 25);
    assert!(held("reader").split(' ').all(|it| it.ends_with(":view")));
    assert_eq!(held("custom"), "");
}

#[test]
fn an_error_names_the_file_the_line_and_the_reason() {
    for (from, to, reason) in [
        (
            "\"contacts:export\"]",
            "\"contacts:exports\"]",
            "`contacts:exports` is no permission of this catalogue",
        ),
        (
            "\"contacts:export\"]",
            "\"dashboard:*\"]",
            "`dashboard:*` adds nothing to the permissions before it",
        ),
        (
            "[\"@content:view\"]",
            "[\"@contents:view\"]",
            "`@contents:view` is no permission of this catalogue",
        ),
        ("[\"@content:view\"]", "[]", "the role `reader` has no permission"),
        ("name = \"orders\"", "name = \"contacts\"", "the entity `contacts` is there twice"),
        (
            "name = \"orders\"",
            "name = \"Orders\"",
            "`Orders` is no name of an entity: [a-z][a-z0-9-]{0,31}",
        ),
        (
            "actions = [\"view\", \"scan\"]",
            "actions = [\"scan\"]",
            "the first action on `checkin` must be `view`",
        ),
        (
            "actions = [\"view\", \"scan\"]",
            "actions = [\"view\", \"print\"]",
            "the action `print` has no label in [actions]",
        ),
        (
            "actions = [\"view\", \"scan\"]",
            "actions = [\"view\", \"scan\", \"scan\"]",
            "the action `scan` is there twice",
        ),
        ("en = \"Check-in\"", "en = \" \"", "a label of `checkin` is empty"),
        ("key = \"observer\"", "key = \"reader\"", "the role `reader` is there twice"),
        (
            "key = \"observer\"",
            "key = \"unknown\"",
            "`unknown` stands for roles of another version",
        ),
        ("levels = [\"event\"]", "levels = []", "a role needs at least one level"),
        (
            "permissions = []",
            "permissions = [\"checkin:scan\"]",
            "the permissions of `custom` are chosen for each person: []",
        ),
        (
            "permissions = [\"*\"]",
            "permissions = [\"@content:*\"]",
            "`owner` must have all: [\"*\"]",
        ),
    ] {
        let error = error(from, to);
        assert!(error.ends_with(reason), "{error}");
        let line: usize = error.split(':').nth(1).unwrap().parse().unwrap();
        // A reason about an entity or a role names the line of its name, which is at most four lines above.
        let line_of = line_of(from);
        assert!(
            (line_of.saturating_sub(4)..=line_of).contains(&line),
            "{error} is about line {line_of}"
        );
        assert!(error.starts_with("my-catalogue.toml:"), "{error}");
    }
}

#[test]
fn what_the_rules_name_must_be_there() {
    for (from, to, reason) in [
        (
            "name = \"access\"",
            "name = \"rights\"",
            "`access:view` is missing: the rules of access need it",
        ),
        (
            "name = \"history\"",
            "name = \"log\"",
            "`history:view` is missing: the rules of access need it",
        ),
        (
            "key = \"owner\"",
            "key = \"boss\"",
            "the role `owner` is missing: the rules of access need it",
        ),
        ("key = \"custom\"", "key = \"free\"", "the role `free` has no permission"),
    ] {
        let error = error(from, to);
        assert!(error.ends_with(reason), "{error}");
    }
}

#[test]
fn an_unknown_field_or_broken_toml_is_an_error() {
    let unknown = error("kind = \"content\"", "sort = \"content\"");
    assert!(unknown.contains("unknown field `sort`"), "{unknown}");
    let broken = error("[actions]", "[actions");
    assert!(broken.starts_with("my-catalogue.toml:"), "{broken}");
    let line = broken.split(':').nth(1).unwrap().parse::<usize>().unwrap();
    assert!(line.abs_diff(line_of("[actions]")) <= 1, "{broken}");
}

#[test]
fn names_that_would_be_one_name_in_the_code_are_refused() {
    let twice = SHIPPED.replacen("[[roles]]", "[[entities]]\nname = \"check-in\"\nkind = \"content\"\nlabel = { fr = \"a\", en = \"a\" }\nactions = [\"view\"]\n\n[[entities]]\nname = \"check\"\nkind = \"content\"\nlabel = { fr = \"a\", en = \"a\" }\nactions = [\"view\", \"in-view\"]\n\n[[roles]]", 1);
    let twice = twice.replacen("[actions]", "[actions]\nin-view = { fr = \"a\", en = \"a\" }", 1);
    let error = parsed(&twice).unwrap_err().to_string();
    assert!(error.ends_with("`check-in:view` and `check:in-view` are too similar"), "{error}");
}

#[test]
fn a_former_name_maps_to_a_present_one() {
    let renamed = |of_permissions: &str, of_roles: &str| {
        let text = SHIPPED.replacen(
            "[renames.permissions]",
            &format!("[renames.permissions]\n{of_permissions}"),
            1,
        );
        parsed(&text.replacen("[renames.roles]", &format!("[renames.roles]\n{of_roles}"), 1))
    };
    let catalogue = renamed("\"badges:print\" = \"checkin:scan\"", "host = \"observer\"").unwrap();
    assert_eq!(catalogue.renamed_permissions["badges:print"], "checkin:scan");
    assert_eq!(catalogue.renamed_roles["host"], "observer");
    let code = permissions(&catalogue);
    assert!(
        code.contains(r#""checkin:scan" | "badges:print" => Some(Self::CheckinScan)"#),
        "{code}"
    );
    for (permissions, roles, reason) in [
        (
            "\"checkin:scan\" = \"contacts:view\"",
            "",
            "`checkin:scan` still exists, so it is not renamed",
        ),
        (
            "\"badges:print\" = \"badges:scan\"",
            "",
            "`badges:scan` is no name that another can map to",
        ),
        ("", "host = \"administrator\"", "`administrator` is no name that another can map to"),
    ] {
        let error = renamed(permissions, roles).unwrap_err().to_string();
        assert!(error.ends_with(reason), "{error}");
    }
}

#[test]
fn a_set_has_room_for_128_permissions() {
    let entities = |count: usize| {
        let one = |number: usize| {
            format!(
                "[[entities]]\nname = \"more-{number}\"\nkind = \"content\"\nlabel = {{ fr = \"a\", en = \"a\" }}\nactions = [\"view\"]\n\n"
            )
        };
        let more: String = (0..count).map(one).collect();
        parsed(&SHIPPED.replacen("[[roles]]", &format!("{more}[[roles]]"), 1))
    };
    assert_eq!(entities(98).unwrap().permissions().count(), 128);
    let error = entities(99).unwrap_err().to_string();
    assert!(error.ends_with("129 permissions; 128 are the most"), "{error}");
}
