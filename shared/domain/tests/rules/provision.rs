//! The platform creates and updates clients, audiences, events and communities.

use coulisses_domain::provision;

use crate::{
    commands::{client, event, owner, provision, settings},
    prelude::*,
};

fn platform(world: &mut World, at: &str, command: &ProvisionCommand) -> Provisioned {
    let outcome = world.done(provision(world, "platform", at, command));
    assert_eq!(world.client().seats.used, world.usage());
    outcome.answer
}

#[test]
fn a_new_client_invites_its_owner_who_takes_the_first_seat() {
    let mut world = World::empty();
    let outcome =
        world.done(provision(&world, "platform", ACME, &client(Some(1), Some(owner("olga")))));
    assert!(outcome.answer.created);
    assert_eq!(outcome.answer.client, *world.client());
    assert_eq!((world.client().seats.used, world.usage()), (1, 1));
    assert_eq!(world.client().owner, label("olga"));
    let olga = world.collaborator("olga");
    assert_eq!(olga.status(NOW), Status::Pending);
    assert_eq!(olga.grant(ACME).role, Role::Owner);
    assert_eq!(mail(&outcome.decision).kind, MailKind::Invitation);
    assert_eq!(outcome.decision.history().len(), 1);
    world.done(world.login("olga"));
    let full = world.invite("olga", ACME, "nina", Role::READER).unwrap_err();
    assert_eq!(full, Refusal::SeatLimitReached { limit: Some(1), used: 1 });
}

#[test]
fn a_new_client_needs_an_owner_and_a_seat() {
    let world = World::empty();
    let create = |settings| {
        provision(&world, "platform", ACME, &ProvisionCommand::Client(settings)).map(|_| ())
    };
    assert_eq!(create(settings(Some(0), Some(owner("olga")))), Err(Refusal::InvalidSeatLimit));
    assert_eq!(create(settings(None, None)), Err(Refusal::InvalidField { pointer: "/owner" }));
    assert_eq!(create(settings(None, Some(owner("olga")))), Ok(()));
}

#[test]
fn a_lower_limit_removes_no_collaborator_and_refuses_new_ones() {
    let mut world = World::new();
    let (collaborators, used) = (world.collaborators.clone(), world.client().seats.used);
    let before = world.client().version;
    let written = platform(&mut world, ACME, &client(Some(0), None));
    assert!(!written.created);
    assert!(world.client().version > before);
    assert_eq!((&world.collaborators, world.client().seats.used), (&collaborators, used));
    let refused = world.invite("olga", ACME, "nina", Role::READER).unwrap_err();
    assert_eq!(refused, Refusal::SeatLimitReached { limit: Some(0), used });
    assert!(world.invite("olga", TECH, "cora", Role::READER).is_ok(), "she has a seat");
    assert!(world.login("pia").unwrap().answer.activated, "so has she");
}

#[test]
fn the_same_settings_again_change_nothing() {
    let world = World::new();
    for owner in [None, Some(owner("olga"))] {
        let outcome = provision(&world, "platform", ACME, &client(None, owner)).unwrap();
        assert!(outcome.decision.is_empty() && outcome.decision.history().is_empty());
        assert_eq!(outcome.answer.client.version, world.client().version);
    }
}

#[test]
fn an_update_cannot_name_another_owner() {
    let world = World::new();
    for (who, provisioned) in [("olga", Ok(())), ("adam", Err(Refusal::OwnerMustTransfer))] {
        let command = client(None, Some(owner(who)));
        assert_eq!(provision(&world, "platform", ACME, &command).map(drop), provisioned);
    }
    for (who, provisioned) in [("gwen", Ok(())), ("adam", Err(Refusal::OwnerMustTransfer))] {
        let command = event(Some(owner(who)));
        assert_eq!(provision(&world, "platform", GALA, &command).map(drop), provisioned);
    }
}

#[test]
fn restricting_the_roles_changes_no_existing_grant() {
    let mut world = World::new();
    let collaborators = world.collaborators.clone();
    let roles = OfferedRoles::of([RoleName::OBSERVER].into());
    platform(
        &mut world,
        ACME,
        &ProvisionCommand::Client(ClientSettings { roles, ..settings(None, None) }),
    );
    assert_eq!(world.collaborators, collaborators);
    let refused = world.invite("olga", ACME, "nina", Role::READER).unwrap_err();
    assert_eq!(refused, Refusal::RoleNotOffered);
}

#[test]
fn a_scope_needs_its_parent() {
    let mut world = World::new();
    let audience = ProvisionCommand::Audience { name: name("Health"), platform_url: None };
    let refused = provision(&world, "platform", "acme:health:expo", &event(None)).unwrap_err();
    assert_eq!(refused, Refusal::ScopeNotFound, "a missing parent");
    assert!(platform(&mut world, "acme:health", &audience).created);
    assert!(platform(&mut world, "acme:health:expo", &event(None)).created);
    assert!(!platform(&mut world, "acme:health", &audience).created);
    let refused = provision(&World::empty(), "platform", TECH, &audience).unwrap_err();
    assert_eq!(refused, Refusal::ScopeNotFound, "a missing client");
}

#[test]
fn the_kind_of_a_leaf_never_changes_and_only_events_can_have_an_owner() {
    let owner = Some(owner("gwen"));
    let guild = ProvisionCommand::Leaf {
        name: name("Guild"),
        level: Level::Community,
        owner,
        platform_url: None,
        dates: Dates::default(),
    };
    for (command, pointer) in [(event(None), "/kind"), (guild, "/owner")] {
        let refused = provision(&World::new(), "platform", GUILD, &command).unwrap_err();
        assert_eq!(refused, Refusal::InvalidField { pointer });
    }
}

#[test]
fn the_owner_of_an_event_takes_a_seat_if_they_are_new() {
    let mut world = World::new();
    world.fill();
    let refused = provision(&world, "platform", SUMMIT, &event(Some(owner("nina")))).unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }));
    platform(&mut world, SUMMIT, &event(Some(owner("rita"))));
    assert_eq!(world.collaborator("rita").status(NOW), Status::Active);
    assert_eq!(world.scopes[SUMMIT].owner, Some(label("rita")));
    world.client_mut().seats.limit = None;
    let written = platform(&mut world, "acme:tech:new", &event(Some(owner("nina"))));
    assert_eq!(world.collaborator("nina").status(NOW), Status::Pending);
    assert_eq!(written.client.seats, world.client().seats);
}

#[test]
fn the_first_owner_of_an_event_keeps_their_membership() {
    for who in ["eve", "carl", "pia"] {
        let mut world = World::new();
        let before = world.collaborator(who).clone();
        let outcome = world.done(provision(&world, "platform", SUMMIT, &event(Some(owner(who)))));
        let after = world.collaborator(who);
        assert_eq!(after.membership, before.membership);
        assert_eq!(after.last_login_at, before.last_login_at);
        assert_eq!(after.grant(SUMMIT).role, Role::Owner);
        let change = &entry(&outcome.decision).changes[SUMMIT];
        assert_eq!(change.before.as_ref().unwrap().role, before.grant(SUMMIT).role);
    }
}

#[test]
fn an_expired_collaborator_starts_again_as_the_owner_of_an_event() {
    let mut world = World::new();
    platform(&mut world, SUMMIT, &event(Some(owner("xena"))));
    assert_eq!(keys(&world.collaborator("xena").grants), [SUMMIT]);
}

#[test]
fn renaming_a_scope_changes_its_version_and_writes_no_history() {
    let mut world = World::new();
    let before = world.scopes[GALA].version;
    let outcome = provision(&world, "platform", GALA, &event(None)).unwrap();
    assert!(outcome.decision.history().is_empty());
    assert!(matches!(outcome.decision.client(), Some(Change::Check(_))));
    world.apply(&outcome.decision);
    let gala = &world.scopes[GALA];
    assert!(gala.version > before);
    assert_eq!(gala.owner, Some(label("gwen")), "unchanged");
    assert!(provision(&world, "platform", GALA, &event(None)).unwrap().decision.is_empty());
}

#[test]
fn only_the_platform_provisions() {
    let world = World::new();
    for (who, at, refused) in [
        ("olga", ACME, Refusal::Forbidden),
        ("gwen", GALA, Refusal::Forbidden),
        ("gwen", ACME, Refusal::ScopeNotFound),
        ("pia", SUMMIT, Refusal::ScopeNotFound),
        ("stranger", ACME, Refusal::ScopeNotFound),
    ] {
        assert_eq!(provision(&world, who, at, &event(None)).unwrap_err(), refused, "{who} at {at}");
    }
}

#[test]
fn everyone_with_access_to_a_scope_and_the_platform_can_view_it() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(SUMMIT, Role::OBSERVER));
    for (who, at, sees) in [
        ("platform", ACME, true),
        ("platform", GALA, true),
        ("platform", "acme:none", false),
        ("nina", SUMMIT, true),
        ("nina", TECH, false),
        ("nina", GALA, false),
        ("rita", GALA, true),
        ("paul", ACME, false),
    ] {
        let viewed = provision::view(&world.facts(who, at, who), NOW);
        assert_eq!(viewed.is_ok(), sees, "{who} at {at}");
        assert!(sees || viewed.unwrap_err() == Refusal::ScopeNotFound);
    }
}

#[test]
fn viewing_below_a_scope_shows_its_descendants_and_no_sister() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(SUMMIT, Role::OBSERVER));
    world.add(collaborator("theo").holding(TECH, Role::OBSERVER));
    // Its text begins with that of the audience, but it is a sister.
    let mut twin = world.scopes[TECH].clone();
    twin.id = scope(&format!("{TECH}-2"));
    world.scopes.insert(twin.id.clone(), twin);
    let view_below = |who: &str, at: &str| {
        let facts = world.facts(who, at, who);
        let seen = provision::view_below(&facts, &world.scopes, NOW);
        seen.map(|(seen, below)| {
            assert_eq!(seen.version(), provision::view(&facts, NOW).unwrap().version());
            below.iter().map(|scope| scope.id.to_string()).collect::<Vec<_>>()
        })
    };
    let all: Vec<String> = world.scopes.keys().map(ToString::to_string).collect();
    for who in ["platform", "olga", "rita"] {
        assert_eq!(view_below(who, ACME).as_ref(), Ok(&all), "{who}");
    }
    let leaves = [GALA, GUILD, SUMMIT].map(str::to_owned).to_vec();
    for who in ["platform", "olga", "theo"] {
        assert_eq!(view_below(who, TECH).as_ref(), Ok(&leaves), "{who}");
    }
    assert_eq!(view_below("nina", SUMMIT), Ok(Vec::new()), "nothing is below an event");
    for (who, at) in [
        ("nina", TECH),
        ("nina", ACME),
        ("nina", GALA),
        ("theo", ACME),
        ("theo", "acme:tech-2"),
        ("paul", ACME),
        ("platform", "acme:none"),
    ] {
        assert_eq!(view_below(who, at), Err(Refusal::ScopeNotFound), "{who} at {at}");
    }
}

#[test]
fn below_a_scope_each_one_comes_after_its_parent() {
    let world = World::new();
    let facts = world.facts("olga", ACME, "olga");
    let (_, below) = provision::view_below(&facts, &world.scopes, NOW).unwrap();
    let place = |id: &ScopeId| below.iter().position(|scope| scope.id == *id);
    for scope in &below {
        let parent = scope.id.parent().unwrap();
        assert!(parent.is_client() || place(&parent) < place(&scope.id), "{}", scope.id);
    }
    assert_eq!(below.len(), world.scopes.len());
}

#[test]
fn a_scope_returns_the_roles_that_can_be_granted_there() {
    let custom = custom(&[Permission::CheckinScan]);
    let offerable = || RoleName::offerable().map(|name| Role::new(name, None).unwrap_or(custom));
    let four = [RoleName::READER, RoleName::Administrator, RoleName::Custom, RoleName::CONTRIBUTOR];
    let all: BTreeSet<_> = RoleName::offerable().collect();
    for roles in [all, four.into(), [RoleName::Custom].into(), [RoleName::MANAGER].into()] {
        let mut world = World::new();
        world.add(collaborator("theo").holding(ACME, Role::READER));
        world.client_mut().roles = OfferedRoles::of(roles.clone());
        let returned = |at| provision::view(&world.facts("olga", at, "olga"), NOW).unwrap().roles();
        assert_eq!(returned(ACME), roles);
        for at in [TECH, SUMMIT, GUILD] {
            let given = offerable().filter(|role| {
                let invited = world.invite("olga", at, "nina", *role).is_ok();
                let assigned = world.assign("olga", at, "theo", *role).is_ok();
                assert_eq!(invited, assigned, "{role:?} at {at}");
                invited
            });
            assert_eq!(returned(at), given.map(Role::name).collect(), "at {at}");
        }
    }
}

#[test]
fn a_precondition_holds_for_a_client_and_for_a_scope_with_a_parent() {
    let world = World::new();
    let client = ProvisionCommand::Client(settings(None, None));
    let audience = ProvisionCommand::Audience { name: name("Tech"), platform_url: None };
    for (at, parent_exists, command) in [(ACME, false, &client), (TECH, true, &audience)] {
        let facts = world.facts("platform", at, "olga");
        let decide = |precondition| {
            let command = (command, precondition);
            provision::decide(&facts, parent_exists, command, mail_id("provisioning"), NOW)
                .map(drop)
        };
        assert_eq!(decide(Precondition::Absent), Err(Refusal::StaleVersion), "{at}");
        let stale = Precondition::Version(Version::from_number(1));
        assert_eq!(decide(stale), Err(Refusal::StaleVersion), "{at}");
        assert_eq!(decide(Precondition::None), Ok(()), "{at}");
    }
}

#[test]
fn a_scope_has_the_page_of_the_nearest_scope_that_has_one() {
    let page = |path: &str| WebUrl::parse(&format!("https://example.org/{path}")).unwrap();
    let mut world = World::new();
    world.client_mut().platform_url = Some(page("client"));
    world.scopes.get_mut(&scope(TECH)).unwrap().platform_url = Some(page("tech"));
    let found = |at: &str| world.client().platform_url_at(&scope(at), &world.scopes).cloned();
    for (at, expected) in [(ACME, "client"), (ARTS, "client"), (TECH, "tech"), (SUMMIT, "tech")] {
        assert_eq!(found(at), Some(page(expected)), "{at}");
    }
}

#[test]
fn a_client_offers_no_role_that_it_does_not_know() {
    let world = World::new();
    let unknown = RoleName::Named(RoleKey::parse("unheard").unwrap());
    let roles = OfferedRoles::Only(BTreeSet::from([unknown]));
    let command = ProvisionCommand::Client(ClientSettings { roles, ..settings(None, None) });
    let refused = provision(&world, "platform", ACME, &command).unwrap_err();
    assert_eq!(refused, Refusal::UnknownOfferedRole);
}
