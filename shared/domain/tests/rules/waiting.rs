//! The waiting list for seats.

use coulisses_domain::{collaborator::Waiting, mail_quota::Notices};

use crate::{commands::import_command, prelude::*};

impl World {
    /// Invites `who` to [`SUMMIT`], who waits if no seat is free.
    fn wait_for_seat(&mut self, by: &str, who: &str) -> Outcome<Collaborator> {
        let command = InviteCommand { if_full: IfFull::Wait, ..invite_command(who, Role::READER) };
        self.done(self.invite_with(by, SUMMIT, &command))
    }

    /// Applies a decision that releases a seat, which is passed on.
    fn release<T>(&mut self, outcome: Result<Outcome<T>, Refusal>) -> Decision {
        let decision = self.passing_on(outcome.unwrap().decision);
        self.apply(&decision);
        decision
    }

    fn statuses(&self, people: &[&str]) -> Vec<Status> {
        people.iter().map(|who| self.collaborator(who).status(self.now)).collect()
    }
}

/// A client whose seats are taken, with these people on the waiting list.
fn full(waiting: &[&str]) -> World {
    let mut world = World::new();
    world.fill();
    for who in waiting {
        world.wait_for_seat("olga", who);
    }
    world
}

#[test]
fn a_person_waits_only_if_no_seat_is_free_and_the_inviter_says_so() {
    let mut world = World::new();
    let invited = world.wait_for_seat("olga", "wanda");
    assert_eq!(invited.answer.status(NOW), Status::Pending);
    world.fill();
    let refused = world.invite("olga", SUMMIT, "walt", Role::READER).unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }));

    let mut facts = world.facts("olga", SUMMIT, "walt");
    facts.swept = false;
    let command = InviteCommand { if_full: IfFull::Wait, ..invite_command("walt", Role::READER) };
    let mail_id = mail_id_at("walt", NOW);
    let refused = coulisses_domain::invite::decide(&facts, &command, mail_id, NOW).unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }), "expired seats are swept first");

    let used = world.usage();
    let outcome = world.wait_for_seat("olga", "walt");
    assert_eq!(outcome.answer.status(NOW), Status::Waiting);
    assert!(!outcome.answer.seat && outcome.decision.mails().is_empty());
    assert_eq!((world.usage(), world.client().seats.used), (used, used));
    assert_eq!(outcome.decision.history()[0].action, Action::Waiting);
    let subject =
        Subject { collaborator: world.collaborator("walt"), granting: world.client().granting };
    assert!(subject.permissions(&scope(SUMMIT), NOW).is_empty());
    assert_eq!(world.client().position(&id("walt")), 1);
}

#[test]
fn a_login_and_a_resend_do_not_give_a_seat_to_someone_who_waits() {
    let world = full(&["walt"]);
    assert!(world.login("walt").unwrap().decision.is_empty());
    assert_eq!(world.resend("olga", SUMMIT, "walt").unwrap_err(), Refusal::NotPending);
    let suspended = world.suspend("olga", "walt", Wanted::Suspended).unwrap_err();
    assert_eq!(suspended, Refusal::NotActive);
    assert_eq!(world.change_email("olga", "walt", "wilma").unwrap_err(), Refusal::NotActive);
    assert_eq!(world.hand_to("olga", ACME, "walt").unwrap_err(), Refusal::NotActive);
}

#[test]
fn a_released_seat_goes_to_the_first_who_waits_in_the_same_decision() {
    let mut world = full(&["walt", "wanda"]);
    let limit = world.client().seats.limit;
    let people = ["walt", "wanda"];
    let decision = world.release(world.revoke("olga", ACME, "cora", Extent::HereAndBelow));
    assert_eq!(Some(world.client().seats.used), limit);
    assert_eq!(world.statuses(&people), [Status::Pending, Status::Waiting]);
    assert_eq!(["wanda", "new"].map(|who| world.client().position(&id(who))), [1, 2]);
    let invited = decision.mails().iter().find(|mail| mail.kind == MailKind::SeatFree).unwrap();
    assert_eq!(invited.collaborator, id("walt"));
    assert!(matches!(&invited.actor, Actor::User { email: by, .. } if *by == email("olga")));
    let entry = decision.history().iter().find(|it| it.action == Action::SeatPassed).unwrap();
    assert_eq!(entry.actor, Actor::System(SystemActor::WaitingList));
    assert_eq!(entry.seats.map(|seats| Some(seats.used)), Some(limit));

    let token = world.deliver("walt", 3);
    world.done(world.accept(&world.caller("walt"), &token));
    assert_eq!(world.statuses(&people), [Status::Active, Status::Waiting]);
    world.release(world.suspend("olga", "walt", Wanted::Suspended));
    assert_eq!(world.statuses(&people), [Status::Suspended, Status::Pending]);
    assert!(world.client().waiting.is_empty());
    assert_eq!(Some(world.client().seats.used), limit);
    let refused = world.suspend("olga", "walt", Wanted::Restored).unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }));
}

#[test]
fn the_mail_about_a_free_seat_counts_as_an_invitation() {
    let mut world = full(&["walt", "wanda"]);
    let before = world.client().mails.invitations;
    // Walt was invited and revoked on another day, Wanda a moment ago.
    for (who, day) in [("walt", before_now(DAY * 2)), ("wanda", NOW)] {
        let counter = MailCounter {
            client: world.client().id.clone(),
            collaborator: id(who),
            day: day.day(),
            resends: 0,
            last_mail_at: day,
            ending_notified: None,
            teams_notified: BTreeMap::new(),
            digest_at: None,
            notices: Notices::NONE,
        };
        world.counters.insert(id(who), counter);
    }
    world.release(world.revoke("olga", ACME, "cora", Extent::HereAndBelow));
    assert_eq!(world.client().mails.invitations, before + 1);
    let counted = &world.counters[&id("walt")];
    assert_eq!((counted.day, counted.resends, counted.last_mail_at), (NOW.day(), 0, NOW));
    world.release(world.revoke("olga", ACME, "max", Extent::HereAndBelow));
    assert_eq!(world.statuses(&["wanda"]), [Status::Waiting], "one invitation a minute");
}

#[test]
fn promised_seats_are_not_given_to_others() {
    let mut world = full(&["walt", "wanda"]);
    let limit = world.client().seats.limit.unwrap();
    world.client_mut().seats.limit = Some(limit + 2);
    assert_eq!(world.client().promised(), 2);
    let invite = |world: &World| world.invite("olga", SUMMIT, "nina", Role::READER);
    assert!(matches!(invite(&world).unwrap_err(), Refusal::SeatLimitReached { .. }));
    assert_eq!(world.wait_for_seat("olga", "will").answer.status(NOW), Status::Waiting);
    world.client_mut().seats.limit = Some(limit + 3);
    assert!(invite(&world).is_err());
    for next in ["walt", "wanda", "will"] {
        let decision = world.pass_free().unwrap();
        world.apply(&decision);
        assert_eq!(world.collaborator(next).status(NOW), Status::Pending);
    }
    assert!(world.pass_free().is_none());
    assert!(invite(&world).is_err(), "all seats are taken");
    world.client_mut().seats.limit = Some(limit + 4);
    assert!(invite(&world).is_ok());
}

#[test]
fn a_seat_that_is_over_a_lowered_limit_is_not_passed_on() {
    let mut world = full(&["walt"]);
    let limit = world.client().seats.limit.unwrap();
    world.client_mut().seats.limit = Some(limit - 1);
    world.release(world.revoke("olga", ACME, "cora", Extent::HereAndBelow));
    assert_eq!(world.client().seats.used, limit - 1);
    assert_eq!(world.collaborator("walt").status(NOW), Status::Waiting);
    world.release(world.revoke("olga", ACME, "max", Extent::HereAndBelow));
    assert_eq!(world.client().seats.used, limit - 1);
    assert_eq!(world.collaborator("walt").status(NOW), Status::Pending);
}

#[test]
fn people_are_passed_over_while_they_cannot_have_the_seat() {
    // Eve manages the summit, and loses that; the access of wanda has ended.
    for (case, spoil) in [
        (
            "the inviter lost the right",
            &(|world: &mut World| {
                world.edit("eve", |eve| {
                    eve.grants.values_mut().for_each(|it| it.role = Role::READER);
                });
            }) as &dyn Fn(&mut World),
        ),
        ("the inviter is gone", &|world: &mut World| {
            world.collaborators.remove(&id("eve"));
        }),
        ("the access has ended", &|world: &mut World| {
            world.edit("walt", |walt| {
                walt.grants.values_mut().for_each(|it| it.expires_at = Some(NOW));
            });
        }),
        ("they are gone", &|world: &mut World| {
            world.collaborators.remove(&id("walt"));
        }),
    ] {
        let mut world = full(&[]);
        world.wait_for_seat("eve", "walt");
        world.wait_for_seat("olga", "wanda");
        spoil(&mut world);
        world.release(world.revoke("olga", ACME, "cora", Extent::HereAndBelow));
        assert_eq!(world.collaborator("wanda").status(NOW), Status::Pending, "{case}");
        assert_eq!(world.client().waiting, [id("walt")], "{case}: they keep their place");
    }
}

#[test]
fn an_inviter_who_is_revoked_releases_a_seat_that_their_own_invitee_does_not_get() {
    let mut world = full(&[]);
    world.wait_for_seat("eve", "walt");
    world.wait_for_seat("olga", "wanda");
    world.release(world.revoke("olga", ACME, "eve", Extent::HereAndBelow));
    assert_eq!(world.statuses(&["walt", "wanda"]), [Status::Waiting, Status::Pending]);
}

#[test]
fn a_person_who_is_revoked_or_whose_access_ended_leaves_the_list() {
    let mut world = full(&["walt", "wanda", "will"]);
    world.release(world.revoke("olga", SUMMIT, "walt", Extent::Here));
    assert!(!world.knows("walt"));
    assert_eq!(world.client().waiting, [id("wanda"), id("will")]);
    world.edit("wanda", |it| it.grants.values_mut().for_each(|it| it.expires_at = Some(NOW)));
    let Step::Sweep(decision) = world.audit() else { panic!("access that ended is swept") };
    world.apply(&decision);
    assert_eq!((world.knows("wanda"), &world.client().waiting[..]), (false, &[id("will")][..]));
}

#[test]
fn one_more_grant_for_someone_who_waits_keeps_their_place() {
    let mut world = full(&["walt", "wanda"]);
    let outcome = world.done(world.invite("olga", GALA, "walt", Role::READER));
    assert_eq!(outcome.answer.grants.len(), 2);
    assert_eq!(outcome.answer.status(NOW), Status::Waiting);
    let decision = world.release(world.revoke("olga", ACME, "cora", Extent::HereAndBelow));
    let mail = decision.mails().iter().find(|mail| mail.kind == MailKind::SeatFree).unwrap();
    assert_eq!((mail.also.len(), mail.role), (1, None), "the mail names both scopes");
}

#[test]
fn an_imported_person_who_waited_gets_what_the_import_would_have_given() {
    let account_of = |who: &str| Some(account(who));
    for (with_account, notify, status, mails) in [
        (account_of("walt"), false, Status::Active, &[][..]),
        (account_of("walt"), true, Status::Active, &[MailKind::Granted]),
        (None, false, Status::Pending, &[]),
        (None, true, Status::Pending, &[MailKind::SeatFree]),
    ] {
        let mut world = full(&[]);
        let people = import_command("walt", &[(SUMMIT, Role::READER)]);
        let (account, if_full) = (with_account, IfFull::Wait);
        let command = ImportCommand { account, notify, if_full, ..people };
        let imported = world.done(world.import("platform", &command));
        assert_eq!(imported.answer.collaborator.status(NOW), Status::Waiting);
        assert!(imported.decision.mails().is_empty());
        let decision = world.release(world.revoke("olga", ACME, "cora", Extent::HereAndBelow));
        assert_eq!(world.collaborator("walt").status(NOW), status);
        let to_walt = decision.mails().iter().filter(|mail| mail.collaborator == id("walt"));
        assert_eq!(to_walt.map(|mail| mail.kind).collect::<Vec<_>>(), mails);
        let invitation = world.collaborator("walt").invitation();
        assert!(invitation.is_none_or(|it| it.expires_at == NOW.after(DAY * 90)));
        let delivery = if notify { Delivery::Queued } else { Delivery::None };
        assert!(invitation.is_none_or(|it| it.delivery == delivery));
    }
}

#[test]
fn an_imported_person_whose_access_has_ended_gets_no_seat() {
    let mut world = full(&[]);
    let people = import_command("walt", &[(SUMMIT, Role::READER)]);
    let command = ImportCommand { if_full: IfFull::Wait, ..people };
    world.done(world.import("platform", &command));
    world.edit("walt", |it| it.grants.values_mut().for_each(|it| it.expires_at = Some(NOW)));
    world.release(world.revoke("olga", ACME, "cora", Extent::HereAndBelow));
    assert_eq!(world.collaborator("walt").status(NOW), Status::Waiting);
}

#[test]
fn those_who_see_who_has_access_to_the_client_read_the_list() {
    let world = full(&["walt"]);
    let may_read = |by: &str| waiting::check_may_read(&world.facts(by, ACME, "nobody"), NOW);
    assert_eq!(["olga", "adam", "platform"].map(may_read), [Ok(()), Ok(()), Ok(())]);
    assert_eq!(may_read("rita"), Err(Refusal::Forbidden), "a reader");
    assert_eq!(may_read("eve"), Err(Refusal::ScopeNotFound));
}

#[test]
fn each_order_has_a_version_that_json_can_have() {
    let versions: BTreeSet<i64> = [&[][..], &["walt"], &["walt", "wanda"], &["wanda", "walt"]]
        .map(|people| {
            let mut client = World::new().client().clone();
            client.waiting = people.iter().map(|who| id(who)).collect();
            waiting::version(&client).number()
        })
        .into();
    assert_eq!(versions.len(), 4);
    assert!(versions.iter().all(|version| (1..1 << 52).contains(version)), "{versions:?}");
}

#[test]
fn the_list_is_reordered_as_a_whole_on_the_version_that_was_read() {
    let mut world = full(&["walt", "wanda", "will"]);
    let order = |people: &[&str]| people.iter().map(|who| id(who)).collect::<Vec<_>>();
    for wrong in [
        &["walt", "wanda"][..],
        &["walt", "wanda", "will", "nina"],
        &["walt", "wanda", "wanda"],
        &["walt", "wanda", "will", "will"],
    ] {
        let refused = world.reorder("olga", &order(wrong)).unwrap_err();
        assert_eq!(refused, Refusal::InvalidField { pointer: "/ids" }, "{wrong:?}");
    }
    let turned = order(&["will", "walt", "wanda"]);
    let (facts, before) = (world.facts("olga", ACME, "nobody"), world.client().clone());
    assert_eq!(world.reorder("rita", &turned).unwrap_err(), Refusal::Forbidden);
    let outcome = world.done(world.reorder("olga", &turned));
    assert_eq!(outcome.decision.history()[0].action, Action::WaitingListReordered);
    assert_eq!(world.client().waiting, turned);
    let stale = (&turned[..], waiting::version(&before).into());
    let facts = Facts { client: Some(world.client().clone()), ..facts };
    let refused = waiting::reorder(&facts, &world.collaborators, stale, NOW).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion);
    world.release(world.revoke("olga", ACME, "cora", Extent::HereAndBelow));
    assert_eq!(world.collaborator("will").status(NOW), Status::Pending);
}

#[test]
fn a_hundred_people_wait_at_most() {
    let mut world = full(&[]);
    let letter = |number: u8| char::from(b'a' + number);
    for number in 0..100 {
        let who = format!("w{}{}", letter(number / 10), letter(number % 10));
        world.wait_for_seat("platform", &who);
    }
    let command = InviteCommand { if_full: IfFull::Wait, ..invite_command("walt", Role::READER) };
    let refused = world.invite_with("platform", SUMMIT, &command).unwrap_err();
    assert_eq!(refused, Refusal::WaitingListFull);
}

#[test]
fn an_erased_person_leaves_the_list_and_is_not_named_in_it() {
    let mut world = full(&["walt"]);
    world.wait_for_seat("eve", "wanda");
    let erased = |who: &str| ErasureSubject::new(id(who), email(who));
    let remove = |world: &World, who: &str| {
        let record = world.collaborators.get(&id(who));
        erased(who).remove(world.client(), &world.scopes, record, NOW).unwrap().unwrap()
    };
    let decision = remove(&world, "walt");
    world.apply(&world.passing_on(decision));
    assert_eq!(world.client().waiting, [id("wanda")]);
    let eve = erased("eve");
    let decision = remove(&world, "eve");
    world.apply(&world.passing_on(decision));
    assert_eq!(world.client().waiting, [id("wanda")], "no one who may invite asks for them");
    let rewritten = eve.rewrite_others(world.collaborators.values(), NOW).unwrap();
    world.apply(&rewritten);
    let by = &world.collaborator("wanda").waiting().unwrap().by;
    assert!(matches!(by, Actor::User { email, .. } if email == eve.pseudonym()));
}

#[test]
fn the_list_is_made_right_after_the_version_before_ignored_it() {
    let mut world = full(&["walt", "wanda"]);
    assert!(waiting::tidy(world.client(), &world.collaborators, NOW).is_none());
    world.collaborators.remove(&id("walt"));
    world.edit("cora", |cora| {
        let (by, since) = (Actor::Platform(None), NOW);
        cora.membership =
            Membership::Waiting(Waiting { by, since, admission: Admission::Invitation(None) });
    });
    let decision = waiting::tidy(world.client(), &world.collaborators, NOW).unwrap();
    world.apply(&decision);
    assert_eq!(world.client().waiting, [id("wanda"), id("cora")]);
}
