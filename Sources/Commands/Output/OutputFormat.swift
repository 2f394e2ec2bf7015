import ArgumentParser

/// How a command prints its answer.
enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// For people.
    case text
    /// For programs; the schemas are in `docs/schemas/`.
    case json
}
