import { useState } from "react";
import type { ClientRole, Effects, Level } from "../api/client";
import { asProblem } from "../api/problem";
import { RightsField } from "../grid/rights-field";
import { useDraft } from "../session/draft";
import { Dialog, DialogButtons } from "../ui/dialog";
import { Field } from "../ui/field";
import { isolated } from "../ui/isolated";
import { ProblemNote } from "../ui/problem";
import { RoleDifference } from "../ui/role-difference";
import { useLanguage, useWords } from "../words/provider";
import { draftOf, type Faults, faultsOf, keyFor, LEVELS, NEW, type RoleDraft, settingsOf } from "./draft";
import { EffectsList } from "./effects";
import { useDefining, usePreview } from "./saving";
import { TextFields } from "./text-fields";
import { useRolePageWords } from "./words";

interface Props {
  client: string;
  /** The role to change; undefined for a new one. */
  role: ClientRole | undefined;
  /** The keys of the client's roles. */
  taken: ReadonlySet<string>;
  onClose: () => void;
}

/** Creates a role, or changes one after the user has seen what that does. */
export function RoleForm({ client, role, taken, onClose }: Props) {
  const text = useRolePageWords();
  const { locale } = useLanguage();
  const [draft, setDraft, forget] = useDraft(`role ${client} ${role?.key ?? ""}`, role ? draftOf(role) : NEW);
  // The role that the changes are made on; undefined for a new one.
  const [base, setBase] = useState(role);
  const [change, setChange] = useState<Change>();
  const [checked, setChecked] = useState(false);
  const [effects, setEffects] = useState<Effects>();
  const key = base?.key ?? (draft.key || keyFor(draft.name, taken));
  const saved = (name: string) => {
    forget();
    onClose();
    return base ? text.saved(name) : text.created(name);
  };
  // Someone else changed or deleted the role: what was typed stays, and applies to what is there now.
  const onStale = (now: ClientRole | undefined) => {
    setEffects(undefined);
    setBase(now);
    setChange({ before: base, after: now });
    setDraft({ ...draft, version: now?.version, ...(now ? {} : { key }) });
  };
  const defining = useDefining(client, key, saved, base && onStale);
  const preview = usePreview(client, key, setEffects, onStale);
  const faults = faultsOf(draft, base ? undefined : key, base ? new Set() : taken);
  const code = defining.error ? asProblem(defining.error).code : undefined;
  const isTaken = !base && (code === "already-exists" || code === "stale-version");
  const isSame = base && JSON.stringify(settingsOf(draft)) === JSON.stringify(settingsOf(draftOf(base)));
  const busy = defining.isPending || preview.isPending;
  const submit = () => {
    setChecked(true);
    if (Object.keys(faults).length > 0 || isSame) return;
    if (base) preview.mutate(draft);
    else defining.mutate(draft);
  };
  if (base && effects) {
    return (
      <Dialog
        title={text.preview(isolated(base.name[locale]))}
        onClose={onClose}
        busy={busy}
        size="small"
        onSubmit={() => defining.mutate(draft)}
        foot={
          <>
            {defining.error && <ProblemNote error={defining.error} onRetry={() => defining.mutate(draft)} />}
            <PreviewButtons busy={busy} onBack={() => setEffects(undefined)} />
          </>
        }
      >
        <p>{text.previewLead}</p>
        <RoleDifference role={{ before: base, after: settingsOf(draft) }} />
        <EffectsList client={client} effects={effects} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={base ? text.edit(isolated(base.name[locale])) : text.create}
      onClose={onClose}
      busy={busy}
      onSubmit={submit}
      foot={
        <>
          {change && <StaleNote change={change} />}
          {checked && isSame && (
            <p className="error" role="alert">
              {text.faults.same}
            </p>
          )}
          {defining.error && !isTaken && <ProblemNote error={defining.error} onRetry={submit} />}
          {preview.error && <ProblemNote error={preview.error} onRetry={submit} />}
          <DialogButtons onClose={onClose} busy={busy}>
            <button type="submit" disabled={busy}>
              {base ? text.next : text.create}
            </button>
          </DialogButtons>
        </>
      }
    >
      <Fields
        draft={draft}
        onDraft={(next) => {
          setDraft(next);
          defining.reset();
        }}
        newKey={base ? undefined : key}
        faults={checked ? { ...faults, ...(isTaken ? { key: "taken" as const } : {}) } : {}}
      />
      {base && <p className="hint">{text.keyFixed(base.key)}</p>}
    </Dialog>
  );
}

/** What someone else did with the role in the meantime; no role after it was deleted. */
interface Change {
  before: ClientRole | undefined;
  after: ClientRole | undefined;
}

function StaleNote({ change: { before, after } }: { change: Change }) {
  const text = useRolePageWords();
  if (!after) {
    return (
      <p className="note" role="alert">
        {text.gone}
      </p>
    );
  }
  return (
    <div className="note" role="alert">
      <p>{text.stale}</p>
      {/* A draft from an earlier visit does not know the role that it was made on. */}
      {before && before.version !== after.version && (
        <>
          <p>{text.staleNow}</p>
          <RoleDifference role={{ before, after }} />
        </>
      )}
      <p>{text.staleNext}</p>
    </div>
  );
}

function PreviewButtons({ busy, onBack }: { busy: boolean; onBack: () => void }) {
  const { save } = useWords();
  const text = useRolePageWords();
  return (
    <DialogButtons onClose={onBack} busy={busy} close={text.back}>
      <button type="submit" disabled={busy}>
        {save}
      </button>
    </DialogButtons>
  );
}

interface FieldsProps {
  draft: RoleDraft;
  onDraft: (draft: RoleDraft) => void;
  /** The key of a new role. */
  newKey: string | undefined;
  faults: Faults;
}

function Fields({ draft, onDraft, newKey, faults }: FieldsProps) {
  const text = useRolePageWords();
  const fault = (of: keyof Faults) => {
    const found = faults[of];
    return found && text.faults[found];
  };
  const toggle = (level: Level) =>
    onDraft({
      ...draft,
      levels: LEVELS.filter((each) => draft.levels.includes(each) !== (each === level)),
    });
  return (
    <>
      <TextFields
        labels={text.nameIn}
        value={draft.name}
        onChange={(name) => onDraft({ ...draft, name })}
        maxLength={100}
        error={fault("name")}
        autoFocus
      />
      {newKey !== undefined && (
        <Field label={text.key} help={text.keyHelp} error={fault("key")}>
          {(props) => (
            <input
              {...props}
              value={newKey}
              maxLength={32}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="none"
              onChange={(event) => onDraft({ ...draft, key: event.target.value })}
            />
          )}
        </Field>
      )}
      <TextFields
        labels={text.descriptionIn}
        help={text.descriptionHelp}
        value={draft.description}
        onChange={(description) => onDraft({ ...draft, description })}
        maxLength={300}
        error={fault("description")}
        optional
      />
      <fieldset>
        <legend>{text.levels}</legend>
        <div className="fields">
          {LEVELS.map((level) => (
            <label key={level} className="check">
              <input type="checkbox" checked={draft.levels.includes(level)} onChange={() => toggle(level)} />
              {text.levelNames[level]}
            </label>
          ))}
        </div>
        {fault("levels") && (
          <p className="error" role="alert">
            {fault("levels")}
          </p>
        )}
      </fieldset>
      <RightsField
        permissions={new Set(draft.permissions)}
        onChange={(permissions) => onDraft({ ...draft, permissions: [...permissions] })}
        error={fault("permissions")}
      />
    </>
  );
}
