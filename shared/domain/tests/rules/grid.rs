//! The grid: its rows, columns, order and pages, and who can read it.

use std::fmt::Write;

use coulisses_domain::grid;

use crate::prelude::*;

#[test]
fn access_at_a_sister_scope_shows_in_no_status() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).until(NOW);
    world.add(nina.holding(GALA, Role::READER));
    let facts = world.facts("eve", SUMMIT, "nina");
    let row = grid::one(&facts, Visibility::PathAndBelow, NOW).unwrap();
    assert_eq!((row.status, row.role), (Status::Expired, None));
    let from_above = world.facts("adam", ACME, "nina");
    let row = grid::one(&from_above, Visibility::PathAndBelow, NOW).unwrap();
    assert_eq!(row.status, Status::Active);
}

pub fn everything() -> GridQuery {
    GridQuery { limit: 1000, ..GridQuery::EVERYONE }
}

pub fn collaborators(world: &World) -> Vec<Collaborator> {
    world.collaborators.values().cloned().collect()
}

pub fn names(page: &GridPage<'_>) -> Vec<String> {
    page.rows.iter().map(|row| row.collaborator.name.as_ref().unwrap().to_string()).collect()
}

pub fn shown(world: &World, at: &str, query: &GridQuery) -> Vec<String> {
    let (facts, collaborators) = (world.facts("olga", at, "nobody"), collaborators(world));
    names(&grid::list(&facts, &collaborators, query, NOW).unwrap())
}

fn line(row: &GridRow<'_>) -> String {
    let grants = row.grants.iter().map(|seen| {
        let marks = [(seen.inherited, " inherited"), (seen.overridden, " overridden")];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        format!("{}@{}{marks}", seen.grant.role.name().name(), seen.scope)
    });
    format!(
        "{:<7} {:<8} {:<14} {:>2} {}",
        row.collaborator.name.as_ref().unwrap().as_str(),
        row.status.name(),
        row.role.map_or("-".into(), |role| role.name().name()),
        row.permissions.iter().count(),
        grants.collect::<Vec<_>>().join(", ")
    )
}

// inwink (docs/domain.md#sources): "vous retrouverez les personnes ayant des droits d'accès au niveau de l'événement, au
// niveau de l'audience, et également au niveau de data"
#[test]
fn the_grid_of_an_event_shows_direct_and_inherited_access_pending_and_expired_included() {
    let mut world = World::new();
    let carl = world.collaborator("carl").clone().holding(TECH, Role::Administrator);
    world.add(carl);
    let (facts, collaborators) = (world.facts("eve", SUMMIT, "nobody"), collaborators(&world));
    let query = everything();
    let page = grid::list(&facts, &collaborators, &query, NOW).unwrap();
    let mut text = String::from("name    status   role here    held  grants on the path\n");
    for row in &page.rows {
        writeln!(text, "{}", line(row)).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn grants_on_sister_scopes_are_never_visible() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(SUMMIT, Role::READER).holding(GALA, Role::MANAGER));
    let (facts, collaborators) = (world.facts("eve", SUMMIT, "nina"), collaborators(&world));
    for visibility in [Visibility::Path, Visibility::PathAndBelow] {
        let query = GridQuery { visibility, ..everything() };
        let page = grid::list(&facts, &collaborators, &query, NOW).unwrap();
        assert!(!names(&page).iter().any(|name| name == "sister" || name == "gwen"));
        let all = page.rows.iter().flat_map(|row| &row.grants);
        assert!(all.clone().count() > 0);
        assert!(all.clone().all(|seen| seen.scope.reaches(&scope(SUMMIT))));
    }
    let one = grid::one(&facts, Visibility::PathAndBelow, NOW).unwrap();
    assert_eq!(one.grants.len(), 1);
}

#[test]
fn with_below_the_grid_of_a_client_shows_all_collaborators() {
    let world = World::new();
    assert_eq!(shown(&world, ACME, &everything()), ["adam", "olga", "paul", "rita", "xena"]);
    let below = GridQuery { visibility: Visibility::PathAndBelow, ..everything() };
    assert_eq!(shown(&world, ACME, &below).len(), world.collaborators.len());
    assert!(!shown(&world, "acme:arts", &below).contains(&"eve".to_owned()));
}

#[test]
fn the_grid_is_filtered_by_status_role_inheritance_and_text() {
    let mut world = World::new();
    world.edit("obi", |it| it.name = Some(name("Élodie")));
    let by = |query: GridQuery| shown(&world, SUMMIT, &query);
    let status = |status| by(GridQuery { status: Some(status), ..everything() });
    assert_eq!(status(Status::Pending), ["paul", "pia"]);
    assert_eq!(status(Status::Expired), ["lena", "xena", "yann"]);
    let role = |role| by(GridQuery { role: Some(role), ..everything() });
    assert_eq!(role(RoleName::READER), ["pia", "rita", "yann"]);
    let inherited = |is| by(GridQuery { inherited: Some(is), ..everything() });
    assert_eq!(inherited(true), ["adam", "olga", "paul", "rita", "tess", "xena"]);
    assert_eq!(
        inherited(false),
        ["carl", "cora", "eve", "lena", "max", "Élodie", "pia", "sue", "yann"]
    );
    let text = |text: &str| by(GridQuery { text: Some(text.into()), ..everything() });
    assert_eq!(text("ÉLO"), ["Élodie"]);
    assert_eq!(text("OBI@exa"), ["Élodie"], "by the address");
    assert!(text("nobody").is_empty());
}

#[test]
fn a_search_finds_names_whatever_their_case_accents_and_order() {
    let mut world = World::new();
    let mut finds = |stored: &str, text: &str| {
        world.edit("obi", |it| it.name = Some(name(stored)));
        let query = GridQuery { text: Some(text.into()), ..everything() };
        shown(&world, SUMMIT, &query) == [stored.to_owned()]
    };
    for (stored, text) in [
        ("Chloe\u{301}", "chloé"),
        ("Chloé", "chloe\u{301}"),
        ("Léa Martin", "lea"),
        ("Léa Martin", "martin  léa"),
        ("Łukasz", "lukasz"),
        ("Οδυσσέας", "ΟΔΥΣ"),
        ("İpek", "ipek"),
        ("Strauß", "STRAUSS"),
        ("Hugo O’Connor", "o'connor"),
        ("Hugo O'Connor", "o’connor hugo"),
        ("محمد", "محمد"),
    ] {
        assert!(finds(stored, text), "{text} finds {stored}");
    }
    for (stored, text) in [("Léa Martin", "lea martine"), ("Léa Martin", "\u{301}")] {
        assert!(!finds(stored, text), "{text} does not find {stored}");
    }
}

#[test]
fn a_shortened_page_continues_where_it_was_cut() {
    let world = World::new();
    let (facts, collaborators) = (world.facts("olga", SUMMIT, "nobody"), collaborators(&world));
    let query = everything();
    let mut page = grid::list(&facts, &collaborators, &query, NOW).unwrap();
    assert_eq!(page.next(), None, "nothing follows");
    let whole = names(&page);
    page.shorten(whole.len());
    assert_eq!(page.next(), None, "nothing was cut off");
    page.shorten(5);
    let rest = shown(&world, SUMMIT, &GridQuery { after: page.next(), ..everything() });
    assert_eq!(([names(&page), rest]).concat(), whole);
}

#[test]
fn the_grid_needs_access_view() {
    let world = World::new();
    let (collaborators, query) = (collaborators(&world), everything());
    for (who, refused) in [
        ("eve", None),
        ("olga", None),
        ("cora", Some(Refusal::Forbidden)),
        ("max", Some(Refusal::Forbidden)),
        ("sister", Some(Refusal::ScopeNotFound)),
        ("paul", Some(Refusal::ScopeNotFound)),
        ("platform", None),
    ] {
        let facts = world.facts(who, SUMMIT, "nobody");
        assert_eq!(grid::list(&facts, &collaborators, &query, NOW).err(), refused, "{who}");
    }
}

#[test]
fn if_only_owners_grant_administrators_can_still_read_the_grid() {
    let mut world = World::new();
    world.client_mut().granting = Granting::Owner;
    let (facts, collaborators) = (world.facts("eve", SUMMIT, "nobody"), collaborators(&world));
    assert!(grid::list(&facts, &collaborators, &everything(), NOW).is_ok());
}

#[test]
fn collaborators_can_view_themselves_and_others_with_access_view() {
    let world = World::new();
    let view = |by: &str, at: &str, who: &str| {
        let facts = world.facts(by, at, who);
        grid::one(&facts, Visibility::Path, NOW).map(|row| row.collaborator.id.clone())
    };
    assert_eq!(view("cora", SUMMIT, "cora"), Ok(world.collaborator("cora").id.clone()));
    assert_eq!(view("cora", SUMMIT, "eve"), Err(Refusal::Forbidden));
    assert_eq!(view("eve", SUMMIT, "olga"), Ok(world.collaborator("olga").id.clone()));
    assert_eq!(view("eve", SUMMIT, "sister"), Err(Refusal::CollaboratorNotFound));
    assert_eq!(view("eve", SUMMIT, "nobody"), Err(Refusal::CollaboratorNotFound));
    assert_eq!(view("pia", SUMMIT, "pia"), Err(Refusal::ScopeNotFound), "pending");
    assert_eq!(view("cora", TECH, "cora"), Err(Refusal::ScopeNotFound));
}

#[test]
fn a_pending_collaborator_has_grants_and_no_permissions() {
    let world = World::new();
    let at = scope(SUMMIT);
    let subject =
        Subject { collaborator: world.collaborator("paul"), granting: Granting::Administrators };
    let row = grid::row(subject, &at, Visibility::Path, NOW).unwrap();
    assert!(row.permissions.is_empty());
    assert_eq!(row.grants.first().unwrap().permissions, Role::Administrator.permissions());
}

#[test]
fn a_list_by_permission_shows_the_active_people_who_have_it_here() {
    let world = World::new();
    let by = |permission| GridQuery { permission: Some(permission), ..everything() };
    for permission in [Permission::ContactsExport, Permission::AccessManage] {
        let holders = world.collaborators.values().filter(|collaborator| {
            let subject = Subject { collaborator, granting: Granting::Administrators };
            subject.permissions(&scope(SUMMIT), NOW).contains(permission)
        });
        let mut expected: Vec<String> =
            holders.map(|it| it.name.as_ref().unwrap().to_string()).collect();
        expected.sort();
        assert_eq!(shown(&world, SUMMIT, &by(permission)), expected, "{permission:?}");
        assert!(!expected.is_empty());
    }
}

#[test]
fn dormant_and_undeliverable_people_are_those_that_the_audit_counts() {
    let mut world = World::new();
    world.collaborators.get_mut(&id("cora")).unwrap().last_login_at = Some(NOW.before(DAY * 90));
    world.collaborators.get_mut(&id("max")).unwrap().last_login_at = Some(NOW.before(DAY * 89));
    let pia = world.collaborators.get_mut(&id("pia")).unwrap();
    let Membership::Pending(invitation) = &mut pia.membership else { panic!("pending") };
    invitation.delivery = Delivery::Bounced;
    let below = || GridQuery { visibility: Visibility::PathAndBelow, ..everything() };
    let dormant = GridQuery { inactive_since: Some(audit::dormant_since(NOW)), ..below() };
    let undeliverable = GridQuery { delivery: Some(DeliveryFilter::Undeliverable), ..below() };
    let Step::Done(found) = ({
        let mut audited = world.clone();
        while let Step::Sweep(decision) = audited.audit() {
            audited.apply(&decision);
        }
        audited.audit()
    }) else {
        panic!("nothing is left to do");
    };
    let count = |query: &GridQuery| u32::try_from(shown(&world, ACME, query).len()).unwrap();
    assert_eq!(count(&dormant), found.dormant);
    assert!(shown(&world, ACME, &dormant).contains(&"cora".to_owned()));
    assert!(!shown(&world, ACME, &dormant).contains(&"max".to_owned()));
    assert_eq!((count(&undeliverable), found.undeliverable), (1, 1));
    let queued = GridQuery { delivery: Some(DeliveryFilter::Is(Delivery::Bounced)), ..below() };
    assert_eq!(shown(&world, ACME, &queued), ["pia"]);
    assert_eq!(DeliveryFilter::parse("undeliverable"), Some(DeliveryFilter::Undeliverable));
    assert_eq!(DeliveryFilter::parse("lost"), None);
}

#[test]
fn access_that_ends_soon_is_listed_until_it_has_ended() {
    let mut world = World::new();
    let end = NOW.after(DAY * 5);
    let cora = world.collaborators.get_mut(&id("cora")).unwrap();
    cora.grants.get_mut(&scope(SUMMIT)).unwrap().expires_at = Some(end);
    let before = |at| GridQuery { expires_before: Some(at), ..everything() };
    assert_eq!(shown(&world, SUMMIT, &before(end.after(MINUTE))), ["cora"]);
    assert!(shown(&world, SUMMIT, &before(end)).is_empty());
}

#[test]
fn a_search_finds_names_with_and_without_apostrophes_hyphens_and_spaces() {
    let mut world = World::new();
    for (who, called) in [("cora", "Sinéad O’Brien"), ("max", "Jean-Pierre D'Arc")] {
        world.collaborators.get_mut(&id(who)).unwrap().name = Some(name(called));
    }
    for (text, found) in [
        ("obrien", "Sinéad O’Brien"),
        ("O'Brien sinead", "Sinéad O’Brien"),
        ("jeanpierre", "Jean-Pierre D'Arc"),
        ("pierre jean", "Jean-Pierre D'Arc"),
        ("darc", "Jean-Pierre D'Arc"),
        ("D’ARC", "Jean-Pierre D'Arc"),
    ] {
        let query = GridQuery { text: Some(text.to_owned()), ..everything() };
        assert_eq!(shown(&world, SUMMIT, &query), [found], "{text}");
    }
}
