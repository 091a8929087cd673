//! The export of a person's data as JSON. It names other people by their ids only, because it is given to the person.

use coulisses_aws::{
    app::App,
    http::view::{self, ActorView, GrantStateView},
    table::{QueuedContent, QueuedMail},
};
use coulisses_domain::{
    actor::Actor,
    announcement::Announcement,
    client::Client,
    collaborator::{Collaborator, Declined, Former, Grant, Invitation, Membership},
    erase::ErasureSubject,
    history::{
        GrantChange, GrantState, Moved,
        view::{EntryId, RecordedEntry},
    },
    locale::Locale,
    mail::Mail,
    scope::ScopeId,
    text::{Message, Name, Reason},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::ErasureOutcome;

/// An export being built.
pub struct Export<'a> {
    app: &'a App,
    subject: &'a ErasureSubject,
    client: &'a Client,
    record: Option<Value>,
    owns: Vec<String>,
    caused: Vec<Value>,
    mails: Vec<Value>,
    history: Vec<Value>,
    size: usize,
}

impl<'a> Export<'a> {
    /// An empty export.
    pub fn new(app: &'a App, subject: &'a ErasureSubject, client: &'a Client) -> Self {
        let (record, owns, size) = (None, Vec::new(), 0);
        let (caused, mails, history) = (Vec::new(), Vec::new(), Vec::new());
        Self { app, subject, client, record, owns, caused, mails, history, size }
    }

    /// Whether nothing is known about the person.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.caused, &self.mails, &self.history];
        self.record.is_none() && self.owns.is_empty() && lists.iter().all(|list| list.is_empty())
    }

    /// Adds the person's record.
    pub fn collaborator(&mut self, collaborator: Option<&Collaborator>, now: Timestamp) {
        let Some(collaborator) = collaborator else { return };
        let (account, invitation) = match &collaborator.membership {
            Membership::Pending(invitation)
            | Membership::Suspended(Former::Pending(invitation))
            | Membership::Declined(Declined { invitation, .. }) => {
                (None, Some(self.invitation(invitation)))
            }
            Membership::Active(binding) | Membership::Suspended(Former::Active(binding)) => {
                (Some(&binding.account), None)
            }
            Membership::Waiting(_) => (None, None),
        };
        let grants = collaborator.grants.iter().map(|(scope, grant)| self.grant(scope, grant));
        self.record = Some(json!({
            "email": collaborator.email.original(),
            "name": collaborator.name.as_ref().map(Name::as_str),
            "locale": collaborator.locale.map(Locale::name),
            "status": collaborator.status(now).name(),
            "seat": collaborator.seat,
            "lastLoginAt": collaborator.last_login_at.map(text),
            "lastRefusedLoginAt": collaborator.refused_login_at.map(text),
            "account": account.map(|account| json!({ "iss": account.iss, "sub": account.sub })),
            "invitation": invitation,
            "waitingSince": collaborator.waiting().map(|it| text(it.since)),
            "declined": collaborator.declined().map(|it| json!({
                "at": text(it.at),
                "reason": it.reason.as_ref().map(Reason::as_str),
            })),
            "grants": grants.collect::<Vec<_>>(),
        }));
    }

    /// Adds the scopes that name the person as their owner.
    pub fn owns(&mut self, owned: &[ScopeId]) {
        self.owns = owned.iter().map(ToString::to_string).collect();
    }

    /// Adds the grants that the person made and the people they invited.
    pub fn caused<'p>(&mut self, collaborators: impl Iterator<Item = &'p Collaborator>) {
        for other in collaborators.filter(|other| other.id != *self.subject.id()) {
            let to = other.id.as_str();
            for (scope, grant) in &other.grants {
                if self.subject.is_actor(&grant.granted_by) {
                    let (role, at) = (grant.role.name().name(), text(grant.granted_at));
                    self.caused
                        .push(json!({ "gave": role, "scope": scope.as_str(), "to": to, "at": at }));
                }
            }
            if other.invitation().is_some_and(|sent| self.subject.is_actor(&sent.invited_by)) {
                self.caused.push(json!({ "invited": to }));
            }
        }
    }

    /// Adds the queued mails: those to the person in full, those in their name by kind and recipient.
    pub fn mails(&mut self, queued: &[QueuedMail]) {
        for row in queued {
            let is_by = self.subject.is_actor(row.content.actor());
            let mail = match &row.content {
                QueuedContent::Mail(mail) if self.subject.receives(mail) => self.mail(mail),
                QueuedContent::Mail(mail) if is_by => {
                    json!({ "kind": mail.kind.name(), "to": mail.collaborator.as_str() })
                }
                QueuedContent::Announcement { announcement, .. } if is_by => json!({
                    "kind": kind(announcement), "scope": announcement.scope.as_str(),
                    "subject": announcement.content.subject.as_str(), "text": announcement.content.text.as_str(),
                }),
                QueuedContent::Mail(_) | QueuedContent::Announcement { .. } => continue,
            };
            self.mails.push(json!({ "queuedAt": text(row.queued_at), "mail": mail }));
        }
    }

    fn mail(&self, mail: &Mail) -> Value {
        let words = mail.announced.as_ref();
        json!({
            "kind": mail.kind.name(),
            "scope": mail.scope.as_str(),
            "by": self.actor(&mail.actor),
            "message": mail.message.as_ref().map(Message::as_str),
            "subject": words.map(|words| words.subject.as_str()),
            "text": words.map(|words| words.text.as_str()),
            "to": mail.removed.as_ref().map(|to| to.email.original()),
        })
    }

    /// Adds a history entry if it names the person. Returns `false`, and adds nothing, if the history would exceed
    /// `largest` bytes; the first entry is always added.
    pub fn entry(&mut self, recorded: &RecordedEntry, largest: usize) -> bool {
        let RecordedEntry { id, entry } = recorded;
        if !self.subject.is_named_in(entry) {
            return true;
        }
        let about = entry.collaborator.as_ref();
        let is_about = about.is_some_and(|it| it.id == *self.subject.id());
        let changes =
            entry.changes.iter().map(|(scope, change)| (scope.to_string(), changed(change)));
        let mut value = json!({
            "id": id.as_str(),
            "at": text(entry.at),
            "actor": self.actor(&entry.actor),
            "action": entry.action.name(),
            "collaborator": about.map(|it| it.id.as_str()),
            "email": about.filter(|_| is_about).map(|it| it.email.original()),
            "name": about.filter(|_| is_about).and_then(|it| it.name.as_ref()).map(Name::as_str),
            "role": entry.role.as_ref().map(|role| role.key.as_str()),
            "changes": changes.collect::<serde_json::Map<_, _>>(),
            "reason": entry.reason.as_ref().map(Reason::as_str),
        });
        let moved = entry.moved.as_ref().map(|moved| match moved {
            Moved::To(other) => ("movedTo", other),
            Moved::From(other) => ("movedFrom", other),
        });
        if let (Some((name, other)), Some(fields)) = (moved, value.as_object_mut()) {
            fields.insert(name.to_owned(), json!(other.as_str()));
        }
        let size = value.to_string().len();
        if self.size + size > largest && !self.history.is_empty() {
            return false;
        }
        self.size += size;
        self.history.push(value);
        true
    }

    /// The response: the export, the outcome and how to continue.
    pub fn into_response(self, outcome: ErasureOutcome, next: Option<&EntryId>) -> Value {
        let known = !self.is_empty();
        let (outcome, detail) = match (outcome, next) {
            (ErasureOutcome::Refused, _) => ("refused", REFUSED),
            (ErasureOutcome::Erased, _) => ("erased", ERASED),
            (ErasureOutcome::Exported, Some(_)) => ("exported-in-part", IN_PART),
            (ErasureOutcome::Exported, None) if known => ("exported", EXPORTED),
            (ErasureOutcome::Exported, None) => ("nothing-known", NOTHING),
        };
        json!({
            "outcome": outcome,
            "detail": detail,
            "client": self.client.id.as_str(),
            "collaborator": self.subject.id().as_str(),
            "pseudonym": self.subject.pseudonym().original(),
            "record": self.record,
            "owns": self.owns,
            "caused": self.caused,
            "mails": self.mails,
            "history": self.history,
            "next": next.map(EntryId::as_str),
        })
    }

    /// The person by address and name, anyone else by id.
    fn actor(&self, actor: &Actor) -> Value {
        match actor {
            Actor::User { email, .. } if !self.subject.is_actor(actor) => {
                let id = self.app.settings.ids.collaborator(&self.client.id, email);
                json!({ "collaborator": id.as_str() })
            }
            Actor::User { .. } | Actor::Platform(_) | Actor::System(_) => json!(ActorView(actor)),
        }
    }

    fn invitation(&self, invitation: &Invitation) -> Value {
        json!({
            "by": self.actor(&invitation.invited_by),
            "sentAt": invitation.sent_at.map(text),
            "expiresAt": text(invitation.expires_at),
            "delivery": invitation.delivery.name(),
            "remindedAt": invitation.reminded_at().map(text),
            "renewalRequestedAt": invitation.renewal_requested_at.map(text),
        })
    }

    fn grant(&self, scope: &ScopeId, grant: &Grant) -> Value {
        json!({
            "scope": scope.as_str(),
            "role": grant.role.name().name(),
            "permissions": view::own_permissions(grant.role),
            "by": self.actor(&grant.granted_by),
            "at": text(grant.granted_at),
            "expiresAt": grant.expires_at.map(text),
            "outlivesEvent": grant.outlives_event,
        })
    }
}

const REFUSED: &str = "Nothing was changed: the person owns the scopes under `owns`. Transfer each of them \
    (`POST /v1/scopes/{scope}/owner`), then repeat the call.";
const ERASED: &str = "The person is erased. Their data is only in this response and the earlier parts of the export. \
    The same call must now return `nothing-known`.";
const IN_PART: &str = "Nothing was changed. The history continues: repeat the call with `after` set to `next`. With \
    `erase`, the call that completes the export erases the person.";
const EXPORTED: &str =
    "Nothing was changed. Keep this export, then repeat the call with `\"erase\": true`.";
const NOTHING: &str = "Nothing is known about this address in this client.";

fn text(time: Timestamp) -> String {
    time.to_string()
}

/// As it is stored.
fn kind(announcement: &Announcement) -> &'static str {
    if announcement.recipients.is_everyone() { "everybody" } else { "some" }
}

fn changed(change: &GrantChange) -> Value {
    json!({ "before": change.before.as_ref().map(state), "after": change.after.as_ref().map(state) })
}

/// As in the history, but `permissions` is `null` for every role but a custom one.
fn state(state: &GrantState) -> Value {
    let mut shown = json!(GrantStateView::from(state));
    if let Some(fields) = shown.as_object_mut() {
        fields.entry("permissions").or_insert(Value::Null);
    }
    shown
}
