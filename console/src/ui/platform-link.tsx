import { useSession } from "../session/provider";
import { useWords } from "../words/provider";

interface Props {
  className?: string;
  /** The page of a scope. */
  url?: string | null | undefined;
}

/** A link to the back office that this page manages access to: to the page of a scope, or that of the deployment. */
export function PlatformLink({ className, url }: Props) {
  const { platform } = useWords();
  const { config } = useSession();
  const platformUrl = url ?? config.platformUrl;
  if (!platformUrl) return null;
  return (
    <a href={platformUrl} className={className}>
      {platform}
    </a>
  );
}
