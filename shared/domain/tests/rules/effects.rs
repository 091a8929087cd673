//! The effects of a decision, as a dry run returns them.

use crate::prelude::*;

fn effects(world: &World, by: &str, at: &str, decision: &Decision) -> Effects {
    let mut effects = Effects::default();
    effects.add(&world.facts(by, at, "nobody"), decision);
    effects
}

#[test]
fn an_invitation_takes_a_seat_and_gives_the_permissions_of_its_role() {
    let world = World::new();
    let invited = world.invite("olga", SUMMIT, "nina", Role::OBSERVER).unwrap();
    let effects = effects(&world, "olga", SUMMIT, &invited.decision);
    let used = world.client().seats.used;
    assert_eq!(effects.seats, Some(SeatChange { before: used, after: used + 1 }));
    assert_eq!(effects.mails, 1);
    let nina = &effects.people[&id("nina")];
    let gains = BTreeMap::from([(scope(SUMMIT), Role::OBSERVER.permissions())]);
    assert_eq!((&nina.gains, nina.loses.len()), (&gains, 0));
    assert_eq!(nina.loses_all_access, Some(false));
}

#[test]
fn what_remains_by_other_grants_is_not_lost() {
    let mut world = World::new();
    world.add(collaborator("both").holding(TECH, Role::READER).holding(SUMMIT, Role::CONTRIBUTOR));
    let revoked = world.revoke("olga", SUMMIT, "both", Extent::Here).unwrap();
    let some = effects(&world, "olga", SUMMIT, &revoked.decision);
    let both = &some.people[&id("both")];
    let lost = Role::CONTRIBUTOR.permissions().difference(Role::READER.permissions());
    assert_eq!(both.loses, BTreeMap::from([(scope(SUMMIT), lost)]));
    assert_eq!((both.gains.len(), both.loses_all_access), (0, Some(false)));
    let cora = world.revoke("olga", SUMMIT, "cora", Extent::Here).unwrap();
    let all = effects(&world, "olga", SUMMIT, &cora.decision);
    assert_eq!(all.people[&id("cora")].loses_all_access, Some(true));
    // Whether someone has access elsewhere does not show to those who do not see the client.
    let hidden = effects(&world, "eve", SUMMIT, &cora.decision);
    assert_eq!((hidden.seats, hidden.people[&id("cora")].loses_all_access), (None, None));
}

#[test]
fn a_suspension_loses_everything_and_an_unchanged_person_is_not_named() {
    let world = World::new();
    let suspended = world.suspend("olga", "cora", Wanted::Suspended).unwrap();
    let effects = effects(&world, "olga", ACME, &suspended.decision);
    assert_eq!(effects.people.keys().collect::<Vec<_>>(), [&id("cora")]);
    assert_eq!(effects.people[&id("cora")].loses_all_access, Some(true));
    assert_eq!(effects.mails, 0);
}
