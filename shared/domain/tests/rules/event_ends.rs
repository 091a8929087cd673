//! Access that ends with its event, and the archive.

use coulisses_domain::{archive, check, expire};
use proptest::prelude::*;

use crate::{
    commands::{event, provision, settings},
    escalation::cases,
    prelude::*,
};

/// The summit ends in ten days, and access to it 30 days later.
fn world() -> World {
    let mut world = World::new();
    world.end_access_after(Some(30));
    world.end_event(SUMMIT, NOW.after(10 * DAY));
    world
}

fn on_day(world: &mut World, day: u32) {
    world.now = NOW.after(DAY * day);
}

fn holds(world: &World, who: &str, at: &str) -> bool {
    let granting = world.client().granting;
    let subject = Subject { collaborator: world.collaborator(who), granting };
    !subject.permissions(&scope(at), world.now).is_empty()
}

fn archive(
    world: &World,
    by: &str,
    at: &str,
    wanted: archive::Wanted,
) -> Result<Outcome<Provisioned>, Refusal> {
    let facts = world.facts(by, at, by);
    let version = facts.scope.as_ref().map_or(world.client().version, |scope| scope.version);
    archive::decide(&facts, wanted, version.into(), world.now)
}

#[test]
fn access_to_an_event_ends_some_days_after_it_and_moves_with_it() {
    let mut world = world();
    on_day(&mut world, 39);
    assert!(holds(&world, "cora", SUMMIT), "29 days after the event");
    on_day(&mut world, 41);
    assert!(!holds(&world, "cora", SUMMIT), "31 days after the event");
    assert_eq!(world.collaborator("cora").status(world.now), Status::Expired);
    world.end_event(SUMMIT, NOW.after(70 * DAY));
    assert!(holds(&world, "cora", SUMMIT), "the event was postponed");
    world.end_event(SUMMIT, NOW);
    assert!(!holds(&world, "cora", SUMMIT), "the event was brought forward");
}

#[test]
fn only_grants_on_the_event_end_with_it_and_never_those_of_owners() {
    let mut world = world();
    for at in [SUMMIT, GALA] {
        world.end_event(at, NOW.before(60 * DAY));
    }
    for (who, at, stays) in [
        ("cora", SUMMIT, false),
        ("eve", SUMMIT, false),
        ("tess", SUMMIT, true),
        ("adam", SUMMIT, true),
        ("gwen", GALA, true),
        ("sister", GALA, false),
    ] {
        assert_eq!(holds(&world, who, at), stays, "{who} at {at}");
    }
}

#[test]
fn a_grant_ends_at_its_own_end_if_that_is_earlier() {
    let mut world = world();
    world.edit("cora", |cora| {
        cora.grants.get_mut(&scope(SUMMIT)).unwrap().expires_at = Some(NOW.after(DAY));
    });
    let ends_at = |world: &World| world.collaborator("cora").grant(SUMMIT).ends_at();
    assert_eq!(ends_at(&world), Some(NOW.after(DAY)));
    world.end_access_after(Some(0));
    world.end_event(SUMMIT, NOW.after(DAY / 2));
    assert_eq!(ends_at(&world), Some(NOW.after(DAY / 2)));
    world.end_access_after(None);
    assert_eq!(ends_at(&world), Some(NOW.after(DAY)), "the client ends no access with events");
}

// A disabled organisation still executed invitations (Keycloak 45760), and pending ones outlived their event (blockframes 7898).
#[test]
fn a_pending_person_cannot_accept_once_access_has_ended() {
    let mut world = world();
    let token = world.deliver("pia", 3);
    world.edit("pia", |pia| {
        if let Membership::Pending(invitation) = &mut pia.membership {
            invitation.expires_at = NOW.after(90 * DAY);
        }
    });
    assert!(world.accept(&world.caller("pia"), &token).is_ok());
    on_day(&mut world, 41);
    assert_eq!(world.accept(&world.caller("pia"), &token).unwrap_err(), Refusal::InvitationEnded);
}

#[test]
fn an_archived_event_gives_no_access_until_it_leaves_the_archive() {
    let mut world = world();
    let archived = world.done(archive(&world, "eve", SUMMIT, archive::Wanted::Archived));
    assert_eq!(archived.answer.access_ends_at(), Some(NOW));
    assert!(!holds(&world, "cora", SUMMIT) && !holds(&world, "eve", SUMMIT));
    assert!(holds(&world, "tess", SUMMIT), "the scope stays readable to those above it");
    let [entry] = archived.decision.history() else { panic!() };
    assert_eq!((entry.action, &entry.scope), (Action::ScopeArchived, &Some(scope(SUMMIT))));

    let refused = world.invite("tess", SUMMIT, "nina", Role::READER).unwrap_err();
    assert_eq!(refused, Refusal::ScopeArchived);
    let refused = world.assign("tess", SUMMIT, "cora", Role::READER).unwrap_err();
    assert_eq!(refused, Refusal::ScopeArchived);
    assert!(world.revoke("tess", SUMMIT, "cora", Extent::Here).is_ok());

    world.wait(DAY);
    let again = world.done(archive(&world, "tess", SUMMIT, archive::Wanted::Archived));
    assert!(again.decision.is_empty(), "it is archived already");
    assert_eq!(again.answer.access_ends_at(), Some(NOW));
    let live = world.done(archive(&world, "tess", SUMMIT, archive::Wanted::Live));
    assert_eq!(live.decision.history()[0].action, Action::ScopeUnarchived);
    assert!(holds(&world, "cora", SUMMIT) && holds(&world, "eve", SUMMIT));
}

#[test]
fn events_and_communities_are_archived_by_those_who_manage_access_to_them() {
    let mut world = World::new();
    for (by, at, refused) in [
        ("cora", SUMMIT, Some(Refusal::Forbidden)),
        ("sister", SUMMIT, Some(Refusal::ScopeNotFound)),
        ("support olga", SUMMIT, None),
        ("tess", TECH, Some(Refusal::NotArchivable)),
        ("platform", ACME, Some(Refusal::NotArchivable)),
        ("platform", SUMMIT, None),
        ("eve", SUMMIT, None),
    ] {
        let decided = archive(&world, by, at, archive::Wanted::Archived);
        assert_eq!(decided.err(), refused, "{by} at {at}");
    }
    world.change_event(SUMMIT, |_| {});
    let stale = Version::from_number(1).into();
    let facts = world.facts("eve", SUMMIT, "eve");
    let decided = archive::decide(&facts, archive::Wanted::Archived, stale, world.now);
    assert_eq!(decided.unwrap_err(), Refusal::StaleVersion);
    let decided =
        archive::decide(&facts, archive::Wanted::Archived, Precondition::Missing, world.now);
    assert_eq!(decided.unwrap_err(), Refusal::VersionRequired);
}

#[test]
fn nothing_is_given_on_an_event_to_which_access_has_ended() {
    let mut world = world();
    on_day(&mut world, 41);
    let ended = Refusal::AccessEnded { ended_at: NOW.after(40 * DAY) };
    assert_eq!(world.invite("tess", SUMMIT, "nina", Role::READER).unwrap_err(), ended);
    assert_eq!(world.assign("tess", SUMMIT, "cora", Role::READER).unwrap_err(), ended);
    let lifetime = Lifetime { expires_at: None, outlives_event: true };
    let lasting = InviteCommand { lifetime, ..invite_command("nina", Role::READER) };
    world.done(world.invite_with("adam", SUMMIT, &lasting));
    assert_eq!(world.collaborator("nina").status(world.now), Status::Pending);
}

#[test]
fn only_those_who_manage_access_to_the_client_give_access_that_outlives_an_event() {
    let world = world();
    let lifetime = Lifetime { expires_at: None, outlives_event: true };
    let lasting = InviteCommand { lifetime, ..invite_command("nina", Role::READER) };
    for by in ["eve", "tess"] {
        let refused = world.invite_with(by, SUMMIT, &lasting).unwrap_err();
        assert_eq!(refused, Refusal::Forbidden, "{by}");
    }
    for by in ["adam", "olga", "platform"] {
        let nina = world.invite_with(by, SUMMIT, &lasting).unwrap().answer;
        assert_eq!(nina.grant(SUMMIT).ends_at(), None, "{by}");
    }
    let refused = world.invite_with("olga", TECH, &lasting).unwrap_err();
    assert_eq!(refused, Refusal::InvalidField { pointer: "/outlivesEvent" });
}

#[test]
fn a_change_of_a_role_leaves_how_long_it_lasts_unless_it_says_otherwise() {
    let mut world = world();
    let version = world.collaborator("cora").version;
    let command = |role, outlives_event, version: Version| AssignRoleCommand {
        role,
        expires_at: None,
        outlives_event,
        reason: None,
        version: version.into(),
    };
    let lasting = command(None, Some(true), version);
    let refused = world.assign_with("tess", SUMMIT, "cora", &lasting).unwrap_err();
    assert_eq!(refused, Refusal::Forbidden);
    let outcome = world.done(world.assign_with("adam", SUMMIT, "cora", &lasting));
    let change = &outcome.decision.history()[0].changes[&scope(SUMMIT)];
    assert!(change.after.as_ref().unwrap().outlives_event);
    on_day(&mut world, 41);
    assert!(holds(&world, "cora", SUMMIT));

    let version = world.collaborator("cora").version;
    let other = command(Some(Role::MANAGER), None, version);
    // Those who cannot give such access cannot give more of it.
    let refused = world.assign_with("tess", SUMMIT, "cora", &other).unwrap_err();
    assert_eq!(refused, Refusal::Forbidden);
    world.done(world.assign_with("adam", SUMMIT, "cora", &other));
    assert!(world.collaborator("cora").grant(SUMMIT).outlives_event);
}

// Rights must not pass to the next event (osem 48).
#[test]
fn the_end_of_one_event_says_nothing_of_another() {
    let mut world = world();
    world.done(world.invite("olga", GALA, "cora", Role::READER));
    on_day(&mut world, 41);
    assert!(!holds(&world, "cora", SUMMIT) && holds(&world, "cora", GALA));
    assert_eq!(world.collaborator("cora").status(world.now), Status::Active);
}

#[test]
fn the_audit_leaves_people_a_week_after_their_access_ended_with_the_event() {
    let mut world = world();
    for day in [41, 46] {
        on_day(&mut world, day);
        // Others whose own time is over are swept.
        while let Step::Sweep(swept) = world.audit() {
            world.apply(&swept);
        }
        assert!(world.knows("cora") && world.collaborator("cora").seat, "day {day}");
    }
    world.end_event(SUMMIT, NOW.after(50 * DAY));
    assert!(holds(&world, "cora", SUMMIT), "they have back what they had");
    world.end_event(SUMMIT, NOW.after(10 * DAY));
    on_day(&mut world, 47);
    let Step::Sweep(swept) = world.audit() else { panic!() };
    let used = world.client().seats.used;
    world.apply(&swept);
    assert!(!world.knows("cora") && world.client().seats.used < used);
    let of_cora: Vec<&Entry> =
        swept.history().iter().filter(|entry| about(entry) == &id("cora")).collect();
    let [entry] = of_cora[..] else { panic!("{of_cora:?}") };
    assert_eq!(entry.action, Action::AccessExpired);
    assert!(matches!(entry.actor, Actor::System(SystemActor::AuditSeats)));
    // If the event is moved meanwhile, this decision is not written.
    let versions: Vec<_> = swept.ended_events().iter().collect();
    assert_eq!(versions, [(&scope(SUMMIT), &world.scopes[&scope(SUMMIT)].version)]);
    assert!(matches!(swept.rules(), Some(Change::Check(_))));
}

#[test]
fn the_seat_of_a_person_whose_access_ended_with_the_event_is_there_for_a_newcomer_at_once() {
    let mut world = world();
    on_day(&mut world, 41);
    let swept = world.sweep().unwrap();
    assert!(swept.history().iter().any(|entry| about(entry) == &id("cora")));
    world.apply(&swept);
    assert!(!world.knows("cora"));
}

// One end wiped other grants (GitLab 471051).
#[test]
fn a_person_with_other_access_loses_the_ended_grant_alone_after_a_week() {
    let mut world = world();
    world.done(world.invite("olga", GALA, "cora", Role::READER));
    let ended = |world: &World| {
        expire::ended(world.client(), world.collaborators.values(), GRACE, world.now)
    };
    on_day(&mut world, 46);
    assert!(ended(&world).is_none());
    on_day(&mut world, 47);
    let decision = ended(&world).unwrap();
    assert!(!decision.ended_events().is_empty());
    world.apply(&decision);
    assert_eq!(keys(&world.collaborator("cora").grants), [GALA]);
}

#[test]
fn a_grant_whose_event_was_not_read_gives_nothing_and_is_not_removed() {
    let mut world = world();
    on_day(&mut world, 90);
    world.end_event(SUMMIT, NOW.after(90 * DAY));
    world.edit("cora", |cora| {
        cora.grants.get_mut(&scope(SUMMIT)).unwrap().event = EventEnd::Unread;
    });
    assert!(!holds(&world, "cora", SUMMIT));
    let cora = world.collaborator("cora").clone();
    assert_eq!(cora.status(world.now), Status::Active);
    assert!(expire::decide(world.client(), [&cora], Duration::ZERO, world.now).is_none());
}

#[test]
fn inviting_again_a_person_whose_access_ended_requires_that_the_event_is_unchanged() {
    let mut world = world();
    on_day(&mut world, 41);
    let outcome = world.invite("olga", GALA, "cora", Role::READER).unwrap();
    assert_eq!(keys(&outcome.answer.grants), [GALA]);
    assert_eq!(outcome.decision.ended_events().len(), 1);
}

#[test]
fn an_answer_is_valid_until_the_event_ends_it() {
    let world = world();
    let question = Question {
        about: None,
        account: None,
        scope: scope(SUMMIT),
        level: None,
        permission: Permission::ContentView,
    };
    let facts = CheckFacts {
        caller: world.caller("cora"),
        collaborators: BTreeMap::new(),
        granting: None,
        levels: BTreeMap::new(),
    };
    let explained = check::explain(&facts, &question, NOW);
    assert_eq!(explained.basis.unwrap().valid_until, Some(NOW.after(40 * DAY)));
}

#[test]
fn the_platform_sets_the_days_of_a_client_and_of_an_event() {
    let mut world = World::new();
    world.end_event(SUMMIT, NOW.after(DAY));
    let days = ClientSettings { access_ends_after_days: Some(30), ..settings(None, None) };
    let outcome =
        world.done(provision(&world, "platform", ACME, &ProvisionCommand::Client(days.clone())));
    assert!(outcome.decision.rules().is_some());
    let again = provision(&world, "platform", ACME, &ProvisionCommand::Client(days)).unwrap();
    assert!(again.decision.is_empty() && again.decision.rules().is_none());
    assert_eq!(world.collaborator("cora").grant(SUMMIT).ends_at(), Some(NOW.after(31 * DAY)));

    let ProvisionCommand::Leaf { name, level, owner, platform_url, .. } = event(None) else {
        panic!()
    };
    let dates = |days| Dates {
        ends_at: Some(NOW.after(2 * DAY)),
        access_ends_after_days: days,
        ..Dates::default()
    };
    let with = |dates| ProvisionCommand::Leaf {
        name: name.clone(),
        level,
        owner: owner.clone(),
        platform_url: platform_url.clone(),
        dates,
    };
    let moved = world.done(provision(&world, "platform", SUMMIT, &with(dates(None))));
    let changes = (moved.decision.scopes().len(), moved.decision.rules());
    assert_eq!(changes, (1, None), "moving an event writes one item");
    assert_eq!(moved.answer.access_ends_at(), Some(NOW.after(32 * DAY)));
    let own = world.done(provision(&world, "platform", SUMMIT, &with(dates(Some(0)))));
    assert_eq!(own.answer.access_ends_at(), Some(NOW.after(2 * DAY)));
    assert!(own.answer.client.rules.access_ends.of_events);
    assert_eq!(world.collaborator("cora").grant(SUMMIT).ends_at(), Some(NOW.after(2 * DAY)));
}

proptest! {
    #![proptest_config(cases(256))]

    /// Whatever the clock, every way to ask gives the same answer about the end of a grant.
    #[test]
    fn check_holdings_and_list_agree_about_every_end(
        days in prop::option::of(0_u16..5), own_days in prop::option::of(0_u16..5),
        ends in prop::option::of(0_u32..10), expires in prop::option::of(0_u32..10),
        archived in prop::option::weighted(0.2, 0_u32..10), outlives in any::<bool>(),
        now in 0_u32..16,
    ) {
        let at = |day: u32| NOW.after(DAY * day);
        let mut world = World::new();
        world.end_access_after(days);
        world.edit("cora", |cora| {
            let grant = cora.grants.get_mut(&scope(SUMMIT)).unwrap();
            grant.expires_at = expires.map(at);
            grant.outlives_event = outlives;
        });
        if own_days.is_some() || archived.is_some() {
            world.client_mut().rules.access_ends.of_events = true;
        }
        world.change_event(SUMMIT, |event| {
            event.dates.ends_at = ends.map(at);
            event.dates.access_ends_after_days = own_days;
            event.archived_at = archived.map(at);
        });
        world.now = at(now);

        // The rule, in its own words.
        let with_event = own_days.or(days).zip(ends).map(|(days, end)| end + u32::from(days));
        let of_event = [with_event, archived].into_iter().flatten().min().filter(|_| !outlives);
        let end = [of_event, expires].into_iter().flatten().min();
        let expected = end.is_none_or(|end| now < end);

        let cora = world.collaborator("cora");
        let subject = Subject { collaborator: cora, granting: world.client().granting };
        prop_assert_eq!(cora.grant(SUMMIT).ends_at(), end.map(at));
        prop_assert_eq!(holds(&world, "cora", SUMMIT), expected);
        prop_assert_eq!(!subject.holdings(world.now).is_empty(), expected);
        prop_assert_eq!(cora.status(world.now) == Status::Active, expected);
        let facts = CheckFacts {
            caller: world.caller("platform"),
            collaborators: world.collaborators.clone(),
            granting: None,
            levels: BTreeMap::new(),
        };
        let question = Question {
            about: Some(id("cora")), account: None, scope: scope(SUMMIT), level: None,
            permission: Permission::ContentView,
        };
        prop_assert_eq!(check::answer(&facts, &question, world.now).is_some(), expected);
        let at_summit = scope(SUMMIT);
        let row = coulisses_domain::grid::row(subject, &at_summit, Visibility::Path, world.now);
        let row = row.unwrap();
        prop_assert_eq!((row.status == Status::Active, !row.permissions.is_empty()), (expected, expected));
    }
}
