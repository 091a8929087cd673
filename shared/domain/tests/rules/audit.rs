//! The seat audit: what it sweeps, repairs, reports and mails.

use coulisses_domain::audit;

use crate::prelude::*;

const INSTANT: Duration = Duration::from_millis(1);

/// One millisecond less than `span`.
fn short_of(span: Duration) -> Duration {
    span.checked_sub(INSTANT).unwrap()
}

/// Applies all sweeps, and returns the step after them.
fn swept(world: &mut World) -> (Figures, Step) {
    let mut figures = Figures::default();
    loop {
        match world.audit() {
            Step::Sweep(decision) => {
                figures.swept(&decision);
                world.apply(&decision);
            }
            step @ (Step::Repair(_) | Step::Done(_)) => return (figures, step),
        }
    }
}

fn found(world: &mut World) -> Findings {
    match swept(world).1 {
        Step::Done(found) => found,
        other @ (Step::Sweep(_) | Step::Repair(_)) => panic!("{other:?}"),
    }
}

fn repair(world: &mut World) -> Repair {
    match swept(world).1 {
        Step::Repair(repair) => repair,
        other @ (Step::Sweep(_) | Step::Done(_)) => panic!("{other:?}"),
    }
}

// bitwarden/server 2256, openwork 3272: "revoked or expired people still hold a seat".
#[test]
fn expired_collaborators_are_swept_before_seats_are_counted() {
    let mut world = World::new();
    world.add(
        collaborator("nina").holding(GALA, Role::READER).until(NOW).holding(SUMMIT, Role::READER),
    );
    let seats = world.usage();
    let (figures, step) = swept(&mut world);
    assert_eq!((figures.expired_invitations, figures.expired_grants), (1, 2), "xena, lena, nina");
    let Step::Done(found) = step else { panic!("{step:?}") };
    assert_eq!((found.counted, world.usage()), (seats - 2, seats - 2));
    assert!(!found.over_limit);
}

#[test]
fn drift_in_either_direction_is_repaired_on_the_seq_that_was_read() {
    for drift in [3_i64, -3] {
        let mut world = World::new();
        drop(swept(&mut world));
        let usage = world.usage();
        let seats = &mut world.client_mut().seats;
        seats.used = u32::try_from(i64::from(usage) + drift).unwrap();
        seats.seq = 77;
        let repair = repair(&mut world);
        assert_eq!((repair.drift(), repair.counted(), repair.seq()), (drift, usage, 77));
        assert_eq!(repair.client().as_str(), ACME);
    }
}

#[test]
fn a_client_over_its_limit_is_reported_and_keeps_its_collaborators() {
    let mut world = World::new();
    drop(swept(&mut world));
    let usage = world.usage();
    for (limit, over) in
        [(Some(usage), false), (Some(usage - 1), true), (Some(0), true), (None, false)]
    {
        world.client_mut().seats.limit = limit;
        assert_eq!(found(&mut world).over_limit, over, "{limit:?}");
        assert_eq!(world.usage(), usage);
    }
}

#[test]
fn an_active_collaborator_without_a_login_for_90_days_is_dormant() {
    let seen = |span: Duration| {
        let last_login_at = Some(before_now(span));
        Collaborator { last_login_at, ..collaborator("nina").holding(SUMMIT, Role::READER) }
    };
    let never = |given: Timestamp| {
        let mut nina = Collaborator { last_login_at: None, ..seen(DAY) };
        nina.grants.values_mut().for_each(|grant| grant.granted_at = given);
        nina
    };
    let pending = seen(400 * DAY).invited_until(NOW.after(DAY));
    let mut world = World::new();
    let before = found(&mut world).dormant;
    for (nina, dormant) in [
        (seen(90 * DAY), 1),
        (seen(short_of(90 * DAY)), 0),
        (never(before_now(90 * DAY)), 1),
        (never(before_now(short_of(90 * DAY))), 0),
        (pending, 0),
    ] {
        world.add(nina);
        assert_eq!(found(&mut world).dormant - before, dormant);
        assert!(world.knows("nina"), "no active collaborator is removed");
    }
}

#[test]
fn a_pending_collaborator_whose_mail_bounced_or_failed_is_undeliverable() {
    let mut world = World::new();
    for delivery in Delivery::ALL {
        let mut nina =
            collaborator("nina").holding(SUMMIT, Role::READER).invited_until(NOW.after(DAY));
        let Membership::Pending(invitation) = &mut nina.membership else { panic!("pending") };
        invitation.delivery = delivery;
        world.add(nina);
        let expected = u32::from(matches!(delivery, Delivery::Bounced | Delivery::Failed));
        assert_eq!(found(&mut world).undeliverable, expected, "{delivery:?}");
    }
}

#[test]
fn bounced_and_failed_are_final_and_nothing_goes_back_to_sent() {
    use Delivery::{Bounced, Delivered, Failed, Queued, Sent};
    let after = |news: &[Delivery]| {
        let mut state = Queued;
        for delivery in news {
            if delivery.replaces().contains(&state) {
                state = *delivery;
            }
        }
        state
    };
    for (news, expected) in [
        (vec![Sent], Sent),
        (vec![Sent, Delivered], Delivered),
        (vec![Delivered, Sent], Delivered),
        (vec![Bounced, Sent], Bounced),
        (vec![Failed, Sent], Failed),
        (vec![Sent, Delivered, Bounced], Bounced),
        (vec![Sent, Bounced, Delivered, Bounced, Sent], Bounced),
        (vec![Sent, Failed, Delivered], Failed),
        (vec![Sent, Delivered, Failed], Delivered),
        (vec![Sent, Failed, Bounced], Failed),
        (vec![Sent, Delivered, Delivered], Delivered),
    ] {
        assert_eq!(after(&news), expected, "{news:?}");
    }
    assert!(Delivery::ALL.iter().all(|delivery| !delivery.replaces().contains(delivery)));
}

#[test]
fn the_seat_usage_is_by_the_clock_and_for_callers_with_access_view() {
    let world = World::new();
    let collaborators: Vec<Collaborator> = world.collaborators.values().cloned().collect();
    let usage =
        |by: &str, at: &str| audit::seat_usage(&world.facts(by, at, by), &collaborators, NOW);
    let shown = usage("olga", ACME).unwrap();
    assert_eq!((shown.limit, shown.used), (None, world.usage()));
    assert_eq!((shown.active, shown.pending), (12, 2), "xena, yann and lena are neither");
    assert!(usage("adam", ACME).is_ok());
    assert_eq!(usage("rita", ACME), Err(Refusal::Forbidden));
    assert!(usage("platform", ACME).is_ok());
    for outside in ["tess", "eve", "gwen", "xena", "pia", "lena", "nobody"] {
        assert_eq!(usage(outside, ACME), Err(Refusal::ScopeNotFound), "{outside}");
    }
}

#[test]
fn a_team_is_the_active_and_pending_people_with_a_live_grant_on_the_scope_itself() {
    let mut world = World::new();
    world.add(
        collaborator("tim").holding(GUILD, Role::READER).until(NOW).holding(GALA, Role::READER),
    );
    let sue = world.collaborator("sue").clone().holding(ARTS, Role::READER);
    let Membership::Active(binding) = sue.membership.clone() else { panic!("active") };
    world.add(Collaborator { membership: Membership::Suspended(Former::Active(binding)), ..sue });
    let collaborators: Vec<Collaborator> = world.collaborators.values().cloned().collect();
    let usage = audit::seat_usage(&world.facts("olga", ACME, "olga"), &collaborators, NOW).unwrap();
    let teams: Vec<_> =
        usage.teams.iter().map(|(at, team)| (at.as_str(), team.active, team.pending)).collect();
    let right = [(ACME, 3, 1), (ARTS, 0, 0), (TECH, 1, 0), (GALA, 3, 0), (SUMMIT, 5, 1)];
    assert_eq!(teams, right, "not the guild, whose only grant has ended");
}

/// The next mail to `who` about the end of access.
fn next_mail(world: &World, who: &str) -> Option<Outcome<MailCounter>> {
    let facts = ExpiringAccess {
        client: world.client(),
        scopes: &world.scopes,
        collaborator: world.collaborator(who),
        counter: world.counters.get(&id(who)),
    };
    let outcome = audit::notify_expiry(facts, mail_id("ending"), world.now);
    let soon = audit::ends_soon(world.collaborator(who), world.now);
    assert!(soon || outcome.is_none(), "a mail is sent only if access ends soon");
    outcome
}

/// Sends all mails to `who`; returns the scope, the other names, the role and the end of each.
fn all_mails(world: &mut World, who: &str) -> Vec<String> {
    let mut mails = Vec::new();
    while let Some(outcome) = next_mail(world, who) {
        world.apply(&outcome.decision);
        let [mail] = outcome.decision.mails() else { panic!("one mail") };
        assert_eq!(mail.kind, MailKind::AccessEnding);
        assert_eq!(
            (&mail.actor, mail.locale),
            (&Actor::System(SystemActor::AuditSeats), Locale::Fr)
        );
        let also: Vec<&str> = mail.also.iter().map(Name::as_str).collect();
        let role = mail.role.map_or("-".into(), RoleName::name);
        let days = mail.access_until.unwrap().since(NOW).as_secs() / 86_400;
        mails.push(format!("{} {also:?} {role} in {days} days", mail.scope));
    }
    mails
}

#[test]
fn an_active_collaborator_is_notified_once_of_each_end_seven_days_before() {
    let mut world = World::new();
    let end = NOW.after(8 * DAY);
    world.add(collaborator("nina").holding(SUMMIT, Role::READER).until(end));
    assert!(next_mail(&world, "nina").is_none());
    world.wait(short_of(DAY));
    assert!(next_mail(&world, "nina").is_none());
    assert!(
        !audit::ends_soon(world.collaborator("nina"), world.now),
        "nor is anything read for it"
    );
    world.wait(INSTANT);
    assert!(audit::ends_soon(world.collaborator("nina"), world.now));
    assert_eq!(all_mails(&mut world, "nina"), ["acme:tech:summit [] reader in 8 days"]);
    world.wait(DAY);
    assert_eq!(all_mails(&mut world, "nina"), [""; 0], "once");
    let later = collaborator("nina").holding(SUMMIT, Role::READER).until(end.after(DAY));
    world.add(later);
    assert_eq!(
        all_mails(&mut world, "nina"),
        ["acme:tech:summit [] reader in 9 days"],
        "a new end"
    );
}

#[test]
fn one_mail_names_all_scopes_where_access_ends_at_the_same_time() {
    let mut world = World::new();
    let first = collaborator("nina").holding(SUMMIT, Role::READER).holding(TECH, Role::OBSERVER);
    let (soon, then) = (NOW.after(2 * DAY), NOW.after(5 * DAY));
    let mut nina = first.until(then).holding(ACME, Role::READER).holding(GALA, Role::MANAGER);
    nina.grants.get_mut(&scope(GALA)).unwrap().expires_at = Some(soon);
    world.add(nina);
    let summit = world.scopes.get(&scope(SUMMIT)).unwrap().name.clone();
    assert_eq!(
        all_mails(&mut world, "nina"),
        [
            "acme:tech:gala [] manager in 2 days".to_owned(),
            format!("acme:tech [\"{summit}\"] - in 5 days"),
        ]
    );
}

#[test]
fn only_active_collaborators_with_an_end_to_come_are_notified() {
    let mut world = World::new();
    let soon = NOW.after(DAY);
    let ending = || collaborator("nina").holding(SUMMIT, Role::READER).until(soon);
    for nina in [
        ending().invited_until(NOW.after(14 * DAY)),
        ending().invited_until(NOW),
        collaborator("nina").holding(SUMMIT, Role::READER).until(NOW),
        collaborator("nina").holding(SUMMIT, Role::READER).until(NOW).holding(GALA, Role::READER),
        collaborator("nina").holding(SUMMIT, Role::READER),
    ] {
        world.add(nina);
        assert!(next_mail(&world, "nina").is_none());
        assert!(!audit::ends_soon(world.collaborator("nina"), NOW));
    }
    world.add(ending());
    assert!(next_mail(&world, "nina").is_some());
}

#[test]
fn a_notification_does_not_count_as_an_invitation_mail() {
    let mut world = World::new();
    let end = NOW.after(3 * DAY);
    world.add(collaborator("nina").holding(SUMMIT, Role::READER).until(end));
    let outcome = next_mail(&world, "nina").unwrap();
    world.apply(&outcome.decision);
    assert_eq!(outcome.answer.ending_notified, Some(end));
    assert_eq!(outcome.answer.forget_at(), end.after(DAY), "stored until the end has passed");
    world.collaborators.remove(&id("nina"));
    // Removed and invited again: the first invitation of the day.
    world.done(world.invite("eve", SUMMIT, "nina", Role::READER));
    let counter = world.counters.get(&id("nina")).unwrap();
    assert_eq!((counter.resends, counter.ending_notified), (0, Some(end)));
    world.wait(MINUTE);
    world.done(world.resend("eve", SUMMIT, "nina"));
    let counter = world.counters.get(&id("nina")).unwrap();
    assert_eq!((counter.resends, counter.ending_notified), (1, Some(end)));
    assert_eq!(counter.forget_at(), end.after(DAY));
}

#[test]
fn a_mail_about_an_end_that_was_changed_is_not_sent() {
    let mut world = World::new();
    let end = NOW.after(3 * DAY);
    world.add(collaborator("nina").holding(SUMMIT, Role::READER).until(end));
    let outcome = next_mail(&world, "nina").unwrap();
    let [mail] = outcome.decision.mails() else { panic!("one mail") };
    assert!(mail.recipient(Some(world.collaborator("nina")), NOW).is_some());
    for nina in [
        collaborator("nina").holding(SUMMIT, Role::READER),
        collaborator("nina").holding(SUMMIT, Role::READER).until(end.after(DAY)),
        collaborator("nina").holding(GALA, Role::READER).until(end),
        collaborator("nina").holding(SUMMIT, Role::READER).until(end).invited_until(end),
    ] {
        assert!(mail.recipient(Some(&nina), NOW).is_none());
    }
    assert!(mail.recipient(None, NOW).is_none());
    let too_late = mail.recipient(Some(world.collaborator("nina")), end);
    assert!(too_late.is_none(), "it has ended");
}

#[test]
fn the_figures_contain_the_findings_and_what_was_done() {
    let done = Figures { drift: -2, repaired: 1, expired_grants: 4, ..Figures::default() };
    let found = Findings { counted: 12, over_limit: true, dormant: 3, undeliverable: 2 };
    let figures = done.with(found);
    assert_eq!(
        figures,
        Figures { counted: 12, over_limit: true, dormant: 3, undeliverable: 2, ..done }
    );
    assert_ne!(figures, done);
}

#[test]
fn a_mail_is_looked_for_in_the_outbox_after_an_hour_while_its_invitation_is_pending_and_queued() {
    let queued_at = long_ago();
    let invited = |delivery| {
        let mut pia = collaborator("pia").holding(SUMMIT, Role::READER);
        let mail_id = mail_id_at("mail", queued_at);
        let end = queued_at.after(2 * Duration::from_hours(1));
        let invitation = Invitation::queued(mail_id, actor("eve"), end);
        pia.membership = Membership::Pending(Invitation { delivery, ..invitation });
        pia
    };
    let looked_for = |collaborator: &Collaborator, after: Duration| {
        audit::overdue([collaborator].into_iter(), queued_at.after(after)).count() == 1
    };
    let hour = Duration::from_hours(1);
    assert!(looked_for(&invited(Delivery::Queued), hour));
    assert!(!looked_for(&invited(Delivery::Queued), short_of(hour)), "it may be on its way");
    assert!(!looked_for(&invited(Delivery::Queued), 2 * hour), "the invitation has expired");
    assert!(!looked_for(&invited(Delivery::Sent), hour));
    assert!(!looked_for(&collaborator("cora").holding(SUMMIT, Role::READER), hour));
}
