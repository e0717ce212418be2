import ts from 'typescript-5.9';

/** Every module a source text imports: values, types, re-exports and `import()`, in their order. */
export function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
}
