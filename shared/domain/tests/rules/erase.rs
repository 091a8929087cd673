//! Erasing a person: their record and seat go, and their name everywhere else.

use proptest::prelude::*;

use crate::prelude::*;

fn subject(who: &str) -> ErasureSubject {
    ErasureSubject::new(id(who), email(who))
}

/// A world where Eve granted a role to Max and invited Pia.
fn caused_by_eve() -> World {
    let mut world = World::new();
    let mut max = world.collaborator("max").clone();
    max.grants.values_mut().for_each(|grant| grant.granted_by = actor("eve"));
    world.add(max);
    let mut pia = world.collaborator("pia").clone();
    if let Membership::Pending(invitation) = pia.membership {
        pia.membership = Membership::Pending(Invitation { invited_by: actor("eve"), ..invitation });
    }
    world.add(pia);
    world
}

proptest! {
    #[test]
    fn a_pseudonym_is_an_address_derived_from_the_id(text in "[a-z2-7]{26}") {
        let known = CollaboratorId::parse(&text).unwrap();
        let subject = ErasureSubject::new(known.clone(), email("lea"));
        prop_assert!(subject.pseudonym().is_pseudonym());
        prop_assert!(!email("lea").is_pseudonym());
        let again = ErasureSubject::new(known, email("max"));
        prop_assert_eq!(subject.pseudonym(), again.pseudonym());
        prop_assert!(subject.pseudonym().original().contains(text.split_at(10).0));
    }
}

#[test]
fn the_record_is_deleted_and_its_seat_released() {
    for (who, seats) in [("eve", 1), ("pia", 1), ("xena", 1), ("yann", 0), ("lena", 1)] {
        let mut world = World::new();
        let used = world.client().seats.used;
        let removal = subject(who).remove(
            world.client(),
            &world.scopes,
            world.collaborators.get(&id(who)),
            NOW,
        );
        let decision = removal.unwrap().unwrap();
        world.apply(&decision);
        assert!(!world.knows(who));
        assert_eq!(world.client().seats.used, used - seats, "{who}");
        assert_eq!(world.client().seats.used, world.usage(), "{who}");
    }
}

#[test]
fn the_history_shows_the_erasure_under_the_pseudonym() {
    let world = World::new();
    let eve = subject("eve");
    let removal = eve.remove(world.client(), &world.scopes, Some(world.collaborator("eve")), NOW);
    let decision = removal.unwrap().unwrap();
    let [entry] = decision.history() else { panic!("one entry") };
    assert_eq!((entry.action, &entry.actor), (Action::Erased, &Actor::System(SystemActor::Erase)));
    let label = entry.collaborator.as_ref().unwrap();
    assert_eq!((&label.id, &label.email, &label.name), (&id("eve"), eve.pseudonym(), &None));
    let change = entry.changes.get(&scope(SUMMIT)).unwrap();
    assert!(change.before.is_some() && change.after.is_none());
    assert!(decision.mails().is_empty());
}

#[test]
fn an_owner_of_the_client_or_an_event_is_not_removed() {
    let world = World::new();
    for (who, owned) in [("olga", ACME), ("gwen", GALA)] {
        let (subject, collaborator) = (subject(who), world.collaborators.get(&id(who)));
        assert_eq!(
            subject.owned_scopes(world.client(), &world.scopes, collaborator),
            [scope(owned)]
        );
        let refused = subject.remove(world.client(), &world.scopes, collaborator, NOW);
        assert_eq!(refused.map(drop), Err(Refusal::OwnerMustTransfer));
        // Even without a record, the scope still names the owner.
        let refused = subject.remove(world.client(), &world.scopes, None, NOW);
        assert_eq!(refused.map(drop), Err(Refusal::OwnerMustTransfer));
    }
}

#[test]
fn an_unknown_person_has_no_record_to_remove() {
    let world = World::new();
    let removal = subject("nobody").remove(world.client(), &world.scopes, None, NOW);
    assert!(removal.unwrap().is_none());
}

#[test]
fn the_records_of_others_lose_only_the_name() {
    let mut world = caused_by_eve();
    let (max, pia) = (world.collaborator("max").clone(), world.collaborator("pia").clone());
    let decision = subject("eve").rewrite_others(world.collaborators.values(), NOW).unwrap();
    assert_eq!(decision.collaborators().len(), 2, "no other record is changed");
    world.apply(&decision);
    let nobody = Actor::User { email: subject("eve").pseudonym().clone(), name: None, via: None };
    let (mut was, is) = (max, world.collaborator("max"));
    assert!(is.version > was.version, "a concurrent change must not write the name back");
    (was.version, was.changed_at) = (is.version, is.changed_at);
    was.grants.values_mut().for_each(|grant| grant.granted_by = nobody.clone());
    assert_eq!(*is, was);
    let (was, is) = (pia.invitation().unwrap(), world.collaborator("pia").invitation().unwrap());
    assert_eq!(*is, Invitation { invited_by: nobody, ..was.clone() });
    assert!(
        subject("eve").rewrite_others(world.collaborators.values(), NOW).is_none(),
        "once is enough"
    );
}

#[test]
fn a_transaction_rewrites_a_limited_number_of_records() {
    let mut world = World::new();
    for number in 0..=MAX_REWRITTEN {
        let mut other = collaborator(&numbered(number)).holding(TECH, Role::READER);
        other.grants.values_mut().for_each(|grant| grant.granted_by = actor("eve"));
        world.add(other);
    }
    let first = subject("eve").rewrite_others(world.collaborators.values(), NOW).unwrap();
    assert_eq!(first.collaborators().len(), MAX_REWRITTEN);
    world.apply(&first);
    let second = subject("eve").rewrite_others(world.collaborators.values(), NOW).unwrap();
    assert!(matches!(second.collaborators(), [Change::Update { .. }]));
}

#[test]
fn an_entry_loses_the_erased_person_and_the_reason() {
    let mut world = World::new();
    let outcome = world.done(world.assign("eve", SUMMIT, "max", Role::READER));
    let mut entry = entry(&outcome.decision).clone();
    entry.reason = Reason::parse("as Eve asked").unwrap();
    let recorded =
        RecordedEntry { id: EntryId::parse("01KBPK3Y00ABCDEFGHJKMNPQRS").unwrap(), entry };
    for who in ["eve", "max"] {
        let rewritten = subject(who).rewrite(&recorded).unwrap();
        assert_eq!(*rewritten.before(), recorded);
        let after = &rewritten.after().entry;
        assert_eq!(
            (&after.changes, after.action),
            (&recorded.entry.changes, recorded.entry.action)
        );
        assert_eq!((about(after), &after.reason), (&id("max"), &None));
        assert!(!subject(who).is_named_in(after));
        let other = if who == "eve" { "max" } else { "eve" };
        assert!(subject(other).is_named_in(after), "the other person stays");
    }
    assert_eq!(subject("adam").rewrite(&recorded), None);
}

#[test]
fn mail_to_the_person_is_discarded_and_mail_that_they_caused_is_reattributed() {
    let world = World::new();
    let invited = world.invite("eve", SUMMIT, "newton", Role::READER).unwrap();
    let [mail] = invited.decision.mails() else { panic!("one mail") };
    assert_eq!(subject("newton").disposition(mail), MailDisposition::Discard);
    assert_eq!(
        subject("eve").disposition(mail),
        MailDisposition::Reattribute(Actor::Platform(None))
    );
    assert_eq!(subject("adam").disposition(mail), MailDisposition::Keep);
    assert_eq!(
        subject("eve").disposition_by(&Actor::Platform(None), &mail_id("any")),
        MailDisposition::Keep
    );
}
