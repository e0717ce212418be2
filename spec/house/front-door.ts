import ts from 'typescript-5.9';

/** What a front door exports by name, and what is wrong with the way it does. */
export interface FrontDoor {
  readonly names: readonly string[];
  readonly faults: readonly string[];
}

/**
 * Reads a module that only re-exports. A fault is an export without a doc comment where it is declared,
 * and a statement that is not `export { … } from`, for `export *` lets out whatever comes to stand in a file.
 */
export function frontDoor(entry: string): FrontDoor {
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    noLib: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (source === undefined || module === undefined) throw new Error(`${entry} is no module`);

  const symbols = checker.getExportsOfModule(module);
  const silent = symbols.filter((symbol) => !isDocumented(symbol, checker)).map((symbol) => symbol.name);
  const loose = source.statements.filter((statement) => !isNamedReExport(statement));
  return {
    names: symbols.map((symbol) => symbol.name).sort(),
    faults: [
      ...silent.sort().map((name) => `${name} has no doc comment`),
      ...loose.map((statement) => `not a list of names: ${firstLine(statement.getText(source))}`),
    ],
  };
}

function isDocumented(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const original = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return original.getDocumentationComment(checker).some((part) => part.text.trim() !== '');
}

function isNamedReExport(statement: ts.Statement): boolean {
  return (
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier !== undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause)
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
