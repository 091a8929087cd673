//! What is true after any sequence of commands: seats, owners, versions, history, membership.

use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    commands::{event, import_command, owner, provision, settings},
    escalation::{any_place, any_role, cases, press},
    prelude::*,
};

#[derive(Clone, Copy, Debug)]
enum Command {
    Invite { by: Who, at: Place, who: Who, role: Role, days: Option<u8>, if_full: IfFull },
    Assign { by: Who, at: Place, who: Who, role: Role },
    Revoke { by: Who, at: Place, who: Who, extent: Extent },
    Resend { by: Who, at: Place, who: Who },
    Accept { who: Who, thief: bool },
    Login { who: Who },
    HandTo { by: Who, at: Place, who: Who },
    HandToEmail { at: Place, who: Who },
    ProvisionClient { limit: Option<u32>, granting: Granting },
    ProvisionEvent { at: Place, owner: Option<Who> },
    Suspend { by: Who, who: Who, wanted: Wanted },
    Import { at: Place, who: Who, role: Role, with_account: bool, notify: bool, if_full: IfFull },
    Sweep,
    PassSeat,
    Reorder { by: Who },
    Wait { minutes: u32 },
}

type Who = &'static str;
type Place = &'static str;

fn any_command() -> impl Strategy<Value = Command> {
    // The first two callers are usually the owner or an administrator, so that many commands succeed.
    let by = || select(vec!["olga", "olga", "olga", "adam", "adam", "cora", "dora", "ella"]);
    let who = || select(vec!["olga", "adam", "cora", "dora", "ella", "fred"]);
    let event_at = select(vec!["acme:tech:summit", "acme:tech:gala"]);
    let extent = select(vec![Extent::Here, Extent::HereAndBelow]);
    let days = prop::option::weighted(0.3, 1_u8..20);
    let limit = prop::option::of(0_u32..6);
    let granting =
        select(vec![Granting::Administrators, Granting::Administrators, Granting::Owner]);
    let if_full = || select(vec![IfFull::Refuse, IfFull::Wait]);
    let wait = select(vec![1_u32, 2, 60, 1_440, 10_080, 21_600, 50_000]);
    prop_oneof![
        6 => (by(), any_place(), who(), any_role(), days, if_full())
            .prop_map(|(by, at, who, role, days, if_full)| Command::Invite { by, at, who, role, days, if_full }),
        3 => (by(), any_place(), who(), any_role())
            .prop_map(|(by, at, who, role)| Command::Assign { by, at, who, role }),
        3 => (by(), any_place(), who(), extent)
            .prop_map(|(by, at, who, extent)| Command::Revoke { by, at, who, extent }),
        2 => (prop_oneof![by(), Just("platform")], any_place(), who())
            .prop_map(|(by, at, who)| Command::Resend { by, at, who }),
        3 => (who(), prop::bool::weighted(0.1)).prop_map(|(who, thief)| Command::Accept { who, thief }),
        3 => who().prop_map(|who| Command::Login { who }),
        2 => (prop_oneof![by(), Just("platform")], any_place(), who())
            .prop_map(|(by, at, who)| Command::HandTo { by, at, who }),
        1 => (any_place(), who()).prop_map(|(at, who)| Command::HandToEmail { at, who }),
        1 => (limit, granting).prop_map(|(limit, granting)| Command::ProvisionClient { limit, granting }),
        1 => (event_at, prop::option::of(who()))
            .prop_map(|(at, owner)| Command::ProvisionEvent { at, owner }),
        3 => (prop_oneof![by(), Just("platform")], who(), select(vec![Wanted::Suspended, Wanted::Restored]))
            .prop_map(|(by, who, wanted)| Command::Suspend { by, who, wanted }),
        2 => (any_place(), who(), any_role(), any::<bool>(), any::<bool>(), if_full()).prop_map(
            |(at, who, role, with_account, notify, if_full)| {
                Command::Import { at, who, role, with_account, notify, if_full }
            }
        ),
        1 => Just(Command::Sweep),
        1 => Just(Command::PassSeat),
        1 => by().prop_map(|by| Command::Reorder { by }),
        4 => wait.prop_map(|minutes| Command::Wait { minutes }),
    ]
}

/// A client with three seats, one of them taken by its owner, and its tree.
fn new_client() -> World {
    let mut world = World::empty();
    let client = ProvisionCommand::Client(settings(Some(3), Some(owner("olga"))));
    let audience = || ProvisionCommand::Audience { name: name("An audience"), platform_url: None };
    let guild = ProvisionCommand::Leaf {
        name: name("Guild"),
        level: Level::Community,
        owner: None,
        platform_url: None,
        dates: Dates::default(),
    };
    for (at, command) in [
        (ACME, client),
        ("acme:tech", audience()),
        ("acme:arts", audience()),
        ("acme:tech:summit", event(None)),
        ("acme:tech:gala", event(None)),
        ("acme:tech:guild", guild),
    ] {
        world.done(provision(&world, "platform", at, &command));
    }
    world.done(world.login("olga"));
    let views = Permission::ALL.into_iter().filter(|permission| !permission.is_on_access());
    let views = views.filter(|permission| permission.view() == *permission).collect();
    world.client_mut().rules = press(CustomSet::new(views).unwrap());
    world
}

fn decide(world: &World, command: Command) -> Result<Decision, Refusal> {
    match command {
        Command::Invite { by, at, who, role, days, if_full } => {
            let expires_at = days.map(|days| world.now.after(DAY * u32::from(days)));
            let lifetime = Lifetime { expires_at, outlives_event: false };
            let command = InviteCommand { lifetime, if_full, ..invite_command(who, role) };
            world.invite_with(by, at, &command).map(|outcome| outcome.decision)
        }
        Command::Assign { by, at, who, role } => {
            world.assign(by, at, who, role).map(|outcome| outcome.decision)
        }
        Command::Revoke { by, at, who, extent } => {
            world.revoke(by, at, who, extent).map(|outcome| outcome.decision)
        }
        Command::Resend { by, at, who } => {
            world.resend(by, at, who).map(|outcome| outcome.decision)
        }
        Command::Accept { who, thief } => {
            let account = account(if thief { "thief" } else { who });
            let token = token(&id(who), 1);
            let caller = world.caller_as(who, account);
            world.accept(&caller, &token).map(|outcome| outcome.decision)
        }
        Command::Login { who } => world.login(who).map(|outcome| outcome.decision),
        Command::HandTo { by, at, who } => {
            world.hand_to(by, at, who).map(|outcome| outcome.decision)
        }
        Command::HandToEmail { at, who } => {
            world.hand_to_email("platform", at, who).map(|outcome| outcome.decision)
        }
        Command::ProvisionClient { limit, granting } => {
            let command =
                ProvisionCommand::Client(ClientSettings { granting, ..settings(limit, None) });
            provision(world, "platform", ACME, &command).map(|outcome| outcome.decision)
        }
        Command::ProvisionEvent { at, owner: named } => {
            provision(world, "platform", at, &event(named.map(owner)))
                .map(|outcome| outcome.decision)
        }
        Command::Suspend { by, who, wanted } => {
            world.suspend(by, who, wanted).map(|outcome| outcome.decision)
        }
        Command::Import { at, who, role, with_account, notify, if_full } => {
            let account = with_account.then(|| account(who));
            let people = import_command(who, &[(at, role)]);
            let command = ImportCommand { account, notify, if_full, ..people };
            world.import("platform", &command).map(|outcome| outcome.decision)
        }
        Command::Sweep => match world.audit() {
            Step::Sweep(decision) => Ok(*decision),
            Step::Repair(repair) => panic!("the seats are never wrong: {repair:?}"),
            Step::Done(_) => Err(Refusal::ScopeNotFound),
        },
        Command::PassSeat => world.pass_free().ok_or(Refusal::ScopeNotFound),
        Command::Reorder { by } => {
            let reversed: Vec<_> = world.client().waiting.iter().rev().cloned().collect();
            world.reorder(by, &reversed).map(|outcome| outcome.decision)
        }
        Command::Wait { .. } => Err(Refusal::ScopeNotFound),
    }
}

/// The parts of the past that later states must not contradict.
#[derive(Default)]
struct Memory {
    versions: BTreeMap<CollaboratorId, Version>,
    logins: BTreeMap<CollaboratorId, Timestamp>,
}

fn run(commands: &[Command]) -> usize {
    let (mut world, mut memory, mut carried_out) = (new_client(), Memory::default(), 0);
    for command in commands {
        if let Command::Wait { minutes } = command {
            world.wait(MINUTE * *minutes);
        } else {
            world.wait(Duration::from_millis(1));
        }
        if let Ok(decision) = decide(&world, *command) {
            let decision = world.passing_on(decision);
            let before = world.clone();
            world.apply(&decision);
            a_decision_is_recorded_and_counted(&before, &world, &decision, *command);
            memory.check(&before, &world);
            carried_out += 1;
            make_mails(&mut world);
        }
        a_state_is_sound(&world);
    }
    carried_out
}

/// Every queued invitation gets its token. It is always the same one, so a resend must have removed it.
fn make_mails(world: &mut World) {
    for collaborator in world.collaborators.values_mut() {
        if let Membership::Pending(invitation) = &mut collaborator.membership {
            invitation.token_hash = Some(token(&collaborator.id, 1).hash());
        }
    }
}

fn a_state_is_sound(world: &World) {
    let (client, now) = (world.client(), world.now);
    assert_eq!(client.seats.used, world.usage(), "used is the number of records with a seat");
    let owned = std::iter::once((scope(ACME), Some(&client.owner)))
        .chain(world.scopes.iter().map(|(at, scope)| (at.clone(), scope.owner.as_ref())));
    for (at, label) in owned {
        let holds = |collaborator: &&Collaborator| {
            collaborator.grants.get(&at).is_some_and(|grant| grant.role == Role::Owner)
        };
        let owners: Vec<_> = world.collaborators.values().filter(holds).collect();
        let named: Vec<_> = label.iter().map(|label| &label.id).collect();
        assert_eq!(owners.iter().map(|owner| &owner.id).collect::<Vec<_>>(), named, "{at}");
        for owner in owners {
            assert!(owner.seat && owner.forget_at.is_none(), "an owner is never swept");
            assert_eq!(owner.grants.get(&at).and_then(|grant| grant.expires_at), None);
        }
    }
    let waits = |it: &&Collaborator| it.status(now) == Status::Waiting;
    let mut waiting: Vec<_> =
        world.collaborators.values().filter(waits).map(|it| it.id.clone()).collect();
    let mut listed = client.waiting.clone();
    waiting.sort();
    listed.sort();
    assert_eq!(listed, waiting, "the list names exactly those who wait");
    for (id, collaborator) in &world.collaborators {
        assert_eq!(*id, collaborator.id);
        assert!(!collaborator.grants.is_empty(), "no record without a grant");
        let status = collaborator.status(now);
        let suspended = matches!(status, Status::Suspended | Status::Waiting);
        assert_eq!(
            collaborator.seat,
            collaborator.forget_at.is_none() && !suspended,
            "only an expired or declined record without a seat is deleted later"
        );
        let is_over = matches!(status, Status::Expired | Status::Declined);
        assert!(collaborator.seat || suspended || is_over);
        let subject = Subject { collaborator, granting: client.granting };
        for at in world.scopes.keys() {
            let held = subject.permissions(at, now);
            match status {
                Status::Active => {}
                Status::Pending
                | Status::Expired
                | Status::Suspended
                | Status::Declined
                | Status::Waiting => assert!(held.is_empty()),
            }
            let owns =
                |(on, grant): (&ScopeId, &Grant)| on.reaches(at) && grant.role == Role::Owner;
            if client.granting == Granting::Owner && held.contains(Permission::AccessManage) {
                assert!(collaborator.grants.iter().any(owns), "only owners manage access");
            }
        }
    }
}

fn a_decision_is_recorded_and_counted(
    before: &World,
    after: &World,
    decision: &Decision,
    command: Command,
) {
    let (was, is) = (before.client().seats, after.client().seats);
    if is.used > was.used {
        assert_eq!(is.used, was.used + 1, "one command takes one seat");
        assert!(is.limit.is_none_or(|limit| was.used < limit), "{command:?} overshot");
    }
    if is.used != was.used || before.client().waiting != after.client().waiting {
        assert!(is.seq > was.seq, "a change of the seats or of the list is counted");
    }

    let of_someone = decision.history().iter().filter(|entry| entry.collaborator.is_some());
    let recorded: Vec<_> = of_someone.map(|entry| about(entry).clone()).collect();
    let changed: BTreeSet<_> = decision
        .collaborators()
        .iter()
        .filter(|change| match change {
            Change::Check(_) => false,
            Change::Create(_) | Change::Delete(_) => true,
            Change::Update { before, after } => {
                *before != Collaborator { last_login_at: before.last_login_at, ..after.clone() }
            }
        })
        .map(|change| change.record().id.clone())
        .collect();
    assert_eq!(recorded.len(), changed.len(), "{command:?}: one entry for each");
    assert_eq!(recorded.iter().cloned().collect::<BTreeSet<_>>(), changed, "{command:?}");
    for entry in decision.history().iter().filter(|entry| entry.collaborator.is_some()) {
        assert!(entry.at >= before.now);
        if let Some(record) = after.collaborators.get(about(entry)) {
            let was = before.collaborators.get(about(entry));
            let grown = was.filter(|was| was.version != record.version);
            assert!(grown.is_none_or(|was| was.changed_at < record.changed_at), "{command:?}");
            let at = before.now.max(record.changed_at);
            assert_eq!(entry.at, at, "{command:?}: history and versions have one order");
        }
        assert!(!entry.changes.is_empty(), "{command:?}: an entry shows somewhere");
    }
    let passed: Vec<_> = decision
        .history()
        .iter()
        .filter(|entry| entry.action == Action::SeatPassed)
        .map(|entry| about(entry).clone())
        .collect();
    let ahead =
        passed.first().and_then(|id| before.client().waiting.iter().position(|it| it == id));
    for ahead in before.client().waiting.iter().take(ahead.unwrap_or_default()) {
        // The decision itself can take the inviter's right.
        let is_passed_over = before.is_passed_over(ahead) || after.is_passed_over(ahead);
        assert!(is_passed_over, "{command:?}: seats are passed in order");
    }
    let settings_only = matches!(
        command,
        Command::ProvisionClient { .. } | Command::ProvisionEvent { owner: None, .. }
    );
    if settings_only {
        assert!(recorded.is_empty() && decision.mails().is_empty());
    }
}

impl Memory {
    fn check(&mut self, before: &World, after: &World) {
        self.logins.retain(|id, _| after.collaborators.contains_key(id));
        self.versions.retain(|id, _| after.collaborators.contains_key(id));
        for (id, collaborator) in &after.collaborators {
            let was = before.collaborators.get(id);
            let is_known = |was: &Collaborator| was.forget_at.is_none_or(|at| after.now < at);
            let last = self.versions.get(id).copied().filter(|_| was.is_some_and(is_known));
            let same = |was: &Collaborator| {
                was.grants == collaborator.grants
                    && was.seat == collaborator.seat
                    && std::mem::discriminant(&was.membership)
                        == std::mem::discriminant(&collaborator.membership)
            };
            if was.is_none_or(|was| !same(was)) {
                assert!(
                    last.is_none_or(|last| collaborator.version > last),
                    "a version is used once"
                );
            } else {
                assert!(
                    last.is_none_or(|last| collaborator.version >= last),
                    "a version only grows"
                );
            }
            self.versions.insert(id.clone(), collaborator.version);
            // A collaborator who starts again has no login.
            let starts_again = matches!(collaborator.membership, Membership::Pending(_))
                && collaborator.last_login_at.is_none();
            match collaborator.last_login_at {
                Some(login) => {
                    let last = self.logins.insert(id.clone(), login);
                    assert!(last.is_none_or(|last| last <= login), "a login goes backwards");
                }
                None => assert!(self.logins.remove(id).is_none() || starts_again),
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(768))]

    #[test]
    fn any_sequence_of_commands_keeps_seats_owners_versions_and_history_right(commands in vec(any_command(), 1..60)) {
        run(&commands);
    }
}

#[test]
fn enough_of_the_random_commands_succeed() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let commands = vec(any_command(), 600).new_tree(&mut runner).unwrap().current();
    let carried_out = run(&commands);
    assert!(carried_out > 60, "only {carried_out} of {}", commands.len());
}
