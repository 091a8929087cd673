//! Sweeping what has expired by the clock.

use coulisses_domain::expire;

use crate::prelude::*;

fn swept(world: &mut World) -> Decision {
    let decision = world.sweep().unwrap();
    world.apply(&decision);
    assert_eq!(world.client().seats.used, world.usage());
    decision
}

fn swept_grants(world: &mut World) -> Decision {
    let decision =
        expire::ended(world.client(), world.collaborators.values(), GRACE, world.now).unwrap();
    world.apply(&decision);
    decision
}

fn entry_about<'a>(decision: &'a Decision, who: &str) -> &'a Entry {
    decision.history().iter().find(|entry| about(entry) == &id(who)).unwrap()
}

#[test]
fn an_expired_invitation_releases_its_seat_and_is_shown_for_30_days() {
    let mut world = World::new();
    let (used, before) = (world.client().seats.used, world.collaborator("xena").clone());
    swept(&mut world);
    let xena = world.collaborator("xena");
    let expiry = before.invitation().unwrap().expires_at;
    assert_eq!((xena.status(NOW), xena.seat), (Status::Expired, false));
    assert_eq!(xena.forget_at, Some(expiry.after(EXPIRED_SHOWN_FOR)));
    assert_eq!(xena.grants, before.grants, "a resend restores them");
    assert!(xena.version > before.version);
    assert_eq!(world.client().seats.used, used - 2, "the seats of xena and lena");
    world.wait(30 * DAY);
    assert!(!world.knows("xena"));
}

#[test]
fn a_collaborator_whose_last_grant_has_ended_is_removed() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).until(NOW);
    world.add(nina.invited_until(NOW.after(DAY)));
    let decision = swept(&mut world);
    assert!(!world.knows("lena") && !world.knows("nina"), "active or pending");
    let entry = entry_about(&decision, "lena");
    assert_eq!(entry.action, Action::AccessExpired);
    assert_eq!(entry.actor, Actor::System(SystemActor::AuditSeats));
    assert_eq!(entry.changes[SUMMIT].after, None);
}

// GitLab 471051: "expiry of one grant wiped others".
#[test]
fn an_ended_grant_is_removed_alone() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(GALA, Role::READER).until(NOW);
    world.add(nina.holding(SUMMIT, Role::MANAGER));
    let before = world.collaborator("nina").clone();
    swept(&mut world);
    assert_eq!(world.collaborator("nina"), &before, "only the seat audit removes single grants");
    let decision = swept_grants(&mut world);
    let nina = world.collaborator("nina");
    assert_eq!(keys(&nina.grants), [SUMMIT]);
    assert_eq!(nina.grant(SUMMIT), before.grant(SUMMIT));
    assert_eq!((nina.seat, nina.status(NOW)), (true, Status::Active));
    assert_eq!(nina.last_login_at, before.last_login_at);
    assert!(nina.version > before.version);
    let entry = entry(&decision);
    assert_eq!((entry.action, about(entry)), (Action::AccessExpired, &id("nina")));
    assert_eq!(entry.actor, Actor::System(SystemActor::AuditSeats));
    assert_eq!(keys(&entry.changes), [GALA]);
    assert_eq!(entry.changes[GALA].before.as_ref().unwrap().status, Some(Status::Expired));
    assert_eq!(entry.changes[GALA].after, None);
    assert!(decision.client().is_none(), "the seat stays");
    assert!(
        expire::ended(world.client(), world.collaborators.values(), GRACE, NOW).is_none(),
        "once"
    );
}

#[test]
fn other_grants_of_an_owner_end() {
    let mut world = World::new();
    let gwen = collaborator("gwen").holding(SUMMIT, Role::READER).until(NOW);
    world.add(gwen.holding(GALA, Role::Owner));
    swept_grants(&mut world);
    let gwen = world.collaborator("gwen");
    assert_eq!(keys(&gwen.grants), [GALA]);
    assert!(gwen.is_owner() && gwen.seat);
}

#[test]
fn a_collaborator_whose_seat_was_released_keeps_their_ended_grants() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(GALA, Role::READER).until(NOW);
    world.add(nina.holding(SUMMIT, Role::READER).invited_until(NOW).swept());
    assert!(expire::ended(world.client(), world.collaborators.values(), GRACE, NOW).is_none());
}

#[test]
fn at_most_40_collaborators_are_swept_at_once() {
    let late = |number| collaborator(&numbered(number)).holding(GALA, Role::READER);
    let mut world = World::new();
    swept(&mut world);
    for number in 0..=MAX_SWEPT {
        world.add(late(number).invited_until(NOW));
    }
    for count in [MAX_SWEPT, 1] {
        assert_eq!(swept(&mut world).collaborators().len(), count);
    }
    assert!(world.sweep().is_none());
    for number in 0..=MAX_SWEPT {
        world.add(late(number).until(NOW).holding(SUMMIT, Role::READER));
    }
    for count in [MAX_SWEPT, 1] {
        assert_eq!(swept_grants(&mut world).collaborators().len(), count);
    }
    assert!(expire::ended(world.client(), world.collaborators.values(), GRACE, NOW).is_none());
}

#[test]
fn nothing_expires_before_its_time() {
    let mut world = World::new();
    swept(&mut world);
    assert!(world.sweep().is_none(), "once");
    let soon = NOW.after(MINUTE);
    world.add(collaborator("nina").holding(SUMMIT, Role::READER).until(soon));
    world.add(collaborator("noah").holding(SUMMIT, Role::READER).invited_until(soon));
    assert!(world.sweep().is_none());
    world.wait(MINUTE);
    assert_eq!(world.sweep().unwrap().history().len(), 2);
}

#[test]
fn an_expired_owner_is_never_swept() {
    let mut world = World::new();
    swept(&mut world);
    world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(NOW));
    world.add(collaborator("gwen").holding(GALA, Role::Owner).invited_until(NOW));
    assert_eq!(world.collaborator("olga").status(NOW), Status::Expired);
    assert!(world.sweep().is_none());
}

#[test]
fn an_expired_invitation_shows_in_the_history_of_every_scope_with_a_grant() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).holding(GALA, Role::MANAGER);
    world.add(nina.invited_until(NOW));
    let decision = swept(&mut world);
    assert_eq!(keys(&entry_about(&decision, "nina").changes), [GALA, SUMMIT]);
}

// One transaction has at most 4 MB, and the history entry of a removed person names each of their grants.
#[test]
fn a_sweep_removes_at_most_two_thousand_grants_at_once_and_the_next_one_continues() {
    let mut world = World::new();
    let people: Vec<String> = ('b'..='p').map(|letter| format!("z{letter}")).collect();
    for who in &people {
        world.add(with_grants(who, 190));
        world.edit(who, |person| {
            person.grants.values_mut().for_each(|grant| grant.expires_at = Some(NOW));
        });
    }
    let grants = |decision: &Decision| {
        let removed = decision.collaborators().iter().map(|change| change.record().grants.len());
        removed.sum::<usize>()
    };
    let mut sweeps = 0;
    while people.iter().any(|who| world.knows(who)) {
        let decision = swept(&mut world);
        assert!(grants(&decision) <= 2_000, "{}", grants(&decision));
        sweeps += 1;
    }
    assert_eq!(sweeps, 2, "2,850 grants, and those of the world");
}
