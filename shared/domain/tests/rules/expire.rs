//! Sweeping what has expired by the clock.

use coulisses_domain::expire;

use crate::prelude::*;

#[test]
fn an_expired_invitation_gives_its_seat_back_and_stays_visible_for_thirty_days() {
    let mut world = World::new();
    let (used, before) = (world.client().seats.used, world.collaborator("xena").clone());
    let decision = world.sweep().unwrap();
    world.apply(&decision);
    let xena = world.collaborator("xena");
    let expiry = before.invitation().unwrap().expires_at;
    assert_eq!((xena.status(NOW), xena.seat), (Status::Expired, false));
    assert_eq!(xena.forget_at, Some(expiry.after(EXPIRED_SHOWN_FOR)));
    assert_eq!(xena.grants, before.grants, "so that it can be sent again");
    assert!(xena.version > before.version);
    assert_eq!(world.client().seats.used, used - 2, "xena's and lena's");
    assert_eq!(world.client().seats.used, world.usage());
    world.wait(30 * DAY);
    assert!(!world.knows("xena"));
}

#[test]
fn somebody_whose_last_grant_has_ended_goes_as_if_revoked() {
    let mut world = World::new();
    let decision = world.sweep().unwrap();
    world.apply(&decision);
    assert!(!world.knows("lena"));
    let entry = decision.history().iter().find(|entry| entry.collaborator.id == id("lena"));
    let entry = entry.unwrap();
    assert_eq!(entry.action, Action::AccessExpired);
    assert_eq!(entry.actor, Actor::System(SystemActor::AuditSeats));
    assert_eq!(entry.changes.get(&scope(SUMMIT)).unwrap().after, None);
}

#[test]
fn somebody_pending_whose_access_has_ended_already_goes_too() {
    let mut world = World::new();
    world.add(
        collaborator("nina").holding(SUMMIT, Role::Reader).until(NOW).invited_until(NOW.after(DAY)),
    );
    let decision = world.sweep().unwrap();
    world.apply(&decision);
    assert!(!world.knows("nina"));
}

#[test]
fn the_end_of_one_grant_wipes_no_other() {
    let mut world = World::new();
    world.add(
        collaborator("nina").holding(GALA, Role::Reader).until(NOW).holding(SUMMIT, Role::Reader),
    );
    let before = world.collaborator("nina").clone();
    let decision = world.sweep().unwrap();
    world.apply(&decision);
    assert_eq!(world.collaborator("nina"), &before);
}

// GitLab 471051: "expiry of one grant wiped others".
#[test]
fn a_grant_that_has_ended_is_swept_alone_and_written_down() {
    let mut world = World::new();
    world.add(
        collaborator("nina").holding(GALA, Role::Reader).until(NOW).holding(SUMMIT, Role::Manager),
    );
    let before = world.collaborator("nina").clone();
    let decision = expire::ended(world.collaborators.values(), NOW).unwrap();
    world.apply(&decision);
    let nina = world.collaborator("nina");
    assert_eq!(keys(&nina.grants), [SUMMIT]);
    assert_eq!(nina.grants.get(&scope(SUMMIT)), before.grants.get(&scope(SUMMIT)));
    assert_eq!((nina.seat, nina.status(NOW)), (true, Status::Active));
    assert_eq!(nina.last_login_at, before.last_login_at);
    assert!(nina.version > before.version);
    let [entry] = decision.history() else { panic!("one entry") };
    assert_eq!((entry.action, &entry.collaborator.id), (Action::AccessExpired, &id("nina")));
    assert_eq!(entry.actor, Actor::System(SystemActor::AuditSeats));
    assert_eq!(keys(&entry.changes), [GALA]);
    let change = entry.changes.get(&scope(GALA)).unwrap();
    assert_eq!(change.before.as_ref().unwrap().status, Status::Expired);
    assert_eq!(change.after, None);
    assert!(decision.client().is_none(), "no seat is at stake");
    assert!(expire::ended(world.collaborators.values(), NOW).is_none(), "nothing is swept twice");
}

#[test]
fn what_an_owner_held_besides_ends_and_the_ownership_stays() {
    let mut world = World::new();
    world.add(
        collaborator("gwen").holding(SUMMIT, Role::Reader).until(NOW).holding(GALA, Role::Owner),
    );
    let decision = expire::ended(world.collaborators.values(), NOW).unwrap();
    world.apply(&decision);
    let gwen = world.collaborator("gwen");
    assert_eq!(keys(&gwen.grants), [GALA]);
    assert!(gwen.is_owner() && gwen.seat);
}

#[test]
fn whoever_is_shown_as_expired_is_shown_with_all_that_he_was_invited_to() {
    let mut world = World::new();
    let nina =
        collaborator("nina").holding(GALA, Role::Reader).until(NOW).holding(SUMMIT, Role::Reader);
    world.add(nina.invited_until(NOW).swept());
    assert!(expire::ended(world.collaborators.values(), NOW).is_none());
}

#[test]
fn single_grants_are_swept_from_forty_people_at_once_at_most() {
    let mut world = World::new();
    for n in 0..=MAX_SWEPT {
        let who = format!("late{}", char::from(b'a' + u8::try_from(n % 26).unwrap()))
            + &"x".repeat(1 + n / 26);
        let late = collaborator(&who).holding(GALA, Role::Reader).until(NOW);
        world.add(late.holding(SUMMIT, Role::Reader));
    }
    for swept in [MAX_SWEPT, 1] {
        let decision = expire::ended(world.collaborators.values(), NOW).unwrap();
        assert_eq!(decision.collaborators().len(), swept);
        world.apply(&decision);
    }
    assert!(expire::ended(world.collaborators.values(), NOW).is_none());
}

#[test]
fn nothing_expires_a_moment_before_its_time() {
    let mut world = World::new();
    let first = world.sweep().unwrap();
    world.apply(&first);
    assert!(world.sweep().is_none(), "nobody is swept twice");
    let soon = NOW.after(MINUTE);
    world.add(collaborator("nina").holding(SUMMIT, Role::Reader).until(soon));
    world.add(collaborator("noah").holding(SUMMIT, Role::Reader).invited_until(soon));
    assert!(world.sweep().is_none());
    world.wait(MINUTE);
    assert_eq!(world.sweep().unwrap().history().len(), 2);
}

#[test]
fn an_expired_owner_is_never_swept_and_keeps_the_seat() {
    let mut world = World::new();
    let first = world.sweep().unwrap();
    world.apply(&first);
    world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(NOW));
    world.add(collaborator("gwen").holding(GALA, Role::Owner).invited_until(NOW));
    assert_eq!(world.collaborator("olga").status(NOW), Status::Expired);
    assert!(world.sweep().is_none());
}

#[test]
fn forty_people_are_swept_at_once_at_most() {
    let mut world = World::new();
    for n in 0..MAX_SWEPT {
        let who = format!("late{}", char::from(b'a' + u8::try_from(n % 26).unwrap()))
            + &"x".repeat(1 + n / 26);
        world.add(collaborator(&who).holding(SUMMIT, Role::Reader).invited_until(NOW));
    }
    let used = world.client().seats.used;
    let decision = world.sweep().unwrap();
    assert_eq!(decision.collaborators().len(), MAX_SWEPT);
    world.apply(&decision);
    assert_eq!(world.client().seats.used, used - 40);
    let rest = world.sweep().unwrap();
    world.apply(&rest);
    assert_eq!(world.client().seats.used, world.usage());
    assert!(world.sweep().is_none());
}

#[test]
fn an_invitation_that_ends_shows_wherever_a_grant_stood() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::Reader).holding(GALA, Role::Manager);
    world.add(nina.invited_until(NOW));
    let decision = world.sweep().unwrap();
    let entry = decision.history().iter().find(|entry| entry.collaborator.id == id("nina"));
    let scopes: Vec<_> = entry.unwrap().changes.keys().collect();
    assert_eq!(scopes, [&scope(GALA), &scope(SUMMIT)]);
}
