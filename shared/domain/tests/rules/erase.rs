//! Erasing a person: the record and the seat go, and nothing else of anybody's but the name.

use coulisses_domain::erase::is_pseudonym;
use proptest::prelude::*;

use crate::prelude::*;

fn subject(who: &str) -> ErasureSubject {
    ErasureSubject::new(id(who), email(who))
}

fn by(who: &str) -> Actor {
    Actor::User { email: email(who), name: Some(name(who)) }
}

/// A world in which Eve gave Max his role and invited Pia.
fn caused_by_eve() -> World {
    let mut world = World::new();
    let mut max = world.collaborator("max").clone();
    max.grants.values_mut().for_each(|grant| grant.granted_by = by("eve"));
    world.add(max);
    let mut pia = world.collaborator("pia").clone();
    if let Membership::Pending(invitation) = pia.membership {
        pia.membership = Membership::Pending(Invitation { invited_by: by("eve"), ..invitation });
    }
    world.add(pia);
    world
}

proptest! {
    #[test]
    fn a_pseudonym_reads_as_an_address_and_derives_from_the_id(text in "[a-z2-7]{26}") {
        let known = CollaboratorId::parse(&text).unwrap();
        let subject = ErasureSubject::new(known.clone(), email("lea"));
        prop_assert!(is_pseudonym(subject.pseudonym()));
        prop_assert!(!is_pseudonym(&email("lea")));
        let again = ErasureSubject::new(known, email("max"));
        prop_assert_eq!(subject.pseudonym(), again.pseudonym());
        prop_assert!(subject.pseudonym().original().contains(text.split_at(10).0));
    }
}

#[test]
fn the_record_goes_and_its_seat_is_given_back_with_it() {
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
fn the_history_tells_that_access_was_erased_and_not_whose() {
    let world = World::new();
    let eve = subject("eve");
    let removal = eve.remove(world.client(), &world.scopes, Some(world.collaborator("eve")), NOW);
    let decision = removal.unwrap().unwrap();
    let [entry] = decision.history() else { panic!("one entry") };
    assert_eq!((entry.action, &entry.actor), (Action::Erased, &Actor::System(SystemActor::Erase)));
    let label = &entry.collaborator;
    assert_eq!((&label.id, &label.email, &label.name), (&id("eve"), eve.pseudonym(), &None));
    let change = entry.changes.get(&scope(SUMMIT)).unwrap();
    assert!(change.before.is_some() && change.after.is_none());
    assert!(decision.mails().is_empty(), "nobody is told");
}

#[test]
fn whoever_owns_the_client_or_an_event_is_not_removed() {
    let world = World::new();
    for (who, owned) in [("olga", ACME), ("gwen", GALA)] {
        let (subject, collaborator) = (subject(who), world.collaborators.get(&id(who)));
        assert_eq!(
            subject.owned_scopes(world.client(), &world.scopes, collaborator),
            [scope(owned)]
        );
        let refused = subject.remove(world.client(), &world.scopes, collaborator, NOW);
        assert_eq!(refused.map(drop), Err(Refusal::OwnerMustTransfer));
        // Even where the record is gone, the label of the scope must not be left behind.
        let refused = subject.remove(world.client(), &world.scopes, None, NOW);
        assert_eq!(refused.map(drop), Err(Refusal::OwnerMustTransfer));
    }
}

#[test]
fn somebody_who_is_not_there_has_nothing_to_be_removed() {
    let world = World::new();
    let removal = subject("nobody").remove(world.client(), &world.scopes, None, NOW);
    assert!(removal.unwrap().is_none());
}

#[test]
fn others_keep_what_was_given_and_their_invitation_and_no_name() {
    let mut world = caused_by_eve();
    let (max, pia) = (world.collaborator("max").clone(), world.collaborator("pia").clone());
    let decision = subject("eve").rewrite_others(world.collaborators.values(), NOW).unwrap();
    assert_eq!(decision.collaborators().len(), 2, "nobody else is touched");
    world.apply(&decision);
    let nobody = Actor::User { email: subject("eve").pseudonym().clone(), name: None };
    let (mut was, is) = (max, world.collaborator("max"));
    assert!(is.version > was.version, "who changes him meanwhile must not write the name back");
    was.version = is.version;
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
fn no_more_are_rewritten_at_once_than_fit_a_transaction() {
    let mut world = World::new();
    for number in 0..=MAX_REWRITTEN {
        let mut other =
            collaborator(&format!("p{}", "q".repeat(number / 2))).holding(TECH, Role::Reader);
        if number % 2 == 1 {
            other =
                collaborator(&format!("r{}", "q".repeat(number / 2))).holding(TECH, Role::Reader);
        }
        other.grants.values_mut().for_each(|grant| grant.granted_by = by("eve"));
        world.add(other);
    }
    let first = subject("eve").rewrite_others(world.collaborators.values(), NOW).unwrap();
    assert_eq!(first.collaborators().len(), MAX_REWRITTEN);
    world.apply(&first);
    let second = subject("eve").rewrite_others(world.collaborators.values(), NOW).unwrap();
    assert!(matches!(second.collaborators(), [Change::Update { .. }]));
}

#[test]
fn an_entry_keeps_what_was_done_and_loses_whoever_is_erased_and_the_reason() {
    let mut world = World::new();
    let outcome = world.done(world.assign("eve", SUMMIT, "max", Role::Reader));
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
        assert_eq!((&after.collaborator.id, &after.reason), (&id("max"), &None));
        assert!(!subject(who).is_named_in(after));
        let other = if who == "eve" { "max" } else { "eve" };
        assert!(subject(other).is_named_in(after), "whoever else stands in it stays");
    }
    assert_eq!(subject("adam").rewrite(&recorded), None);
}

#[test]
fn mail_to_the_person_goes_and_mail_the_person_caused_is_from_the_platform() {
    let world = World::new();
    let invited = world.invite("eve", SUMMIT, "newton", Role::Reader).unwrap();
    let [mail] = invited.decision.mails() else { panic!("one mail") };
    assert_eq!(subject("newton").disposition(mail), MailDisposition::Discard);
    assert_eq!(subject("eve").disposition(mail), MailDisposition::Reattribute(Actor::Platform));
    assert_eq!(subject("adam").disposition(mail), MailDisposition::Keep);
    assert_eq!(subject("eve").disposition_by(&Actor::Platform), MailDisposition::Keep);
}
