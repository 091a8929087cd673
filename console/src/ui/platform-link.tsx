import { useSession } from "../session/provider";
import { useWords } from "../words/provider";

interface Props {
  className?: string;
  /** The page of a scope. */
  url?: string | null | undefined;
}

/** The back office that this page manages access to: the page of a scope, or that of the deployment. */
export function usePlatformUrl(url: string | null | undefined): string | undefined {
  const { config } = useSession();
  return url ?? config.platformUrl;
}

/** A link to the back office, if it has an address. */
export function PlatformLink({ className, url }: Props) {
  const { platform } = useWords();
  const platformUrl = usePlatformUrl(url);
  if (!platformUrl) return null;
  return (
    <a href={platformUrl} className={className}>
      {platform}
    </a>
  );
}
