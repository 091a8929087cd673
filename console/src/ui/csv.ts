import { useMutation } from "@tanstack/react-query";
import { readCsv } from "../api/queries";
import { useWords } from "../words/provider";
import { download, fileName } from "./download";
import { problemLine } from "./problem";
import { useToast } from "./toast";

/** Downloads the people or the history that `query` selects, in a file named after `title`. */
export function useCsv(of: Parameters<typeof readCsv>[0], scope: string, query: object, title: string) {
  const words = useWords();
  const toast = useToast();
  return useMutation({
    mutationFn: () => readCsv(of, scope, query),
    onSuccess: (file) => download(file, `${fileName(title)}.csv`),
    onError: (error) => toast(problemLine(error, words)),
  });
}
