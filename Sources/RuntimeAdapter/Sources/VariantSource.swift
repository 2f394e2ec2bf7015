/// A place that variants come from: what it has, when that changes, and the files.
///
/// `RuntimeAdapterTesting` has a suite that says whether a type keeps to what is written here.
public protocol VariantSource: Sendable {
    /// What the place has, as it was last seen whole; read if it never was.
    ///
    /// - Throws: ``SourceError`` if it was never seen whole.
    func snapshot() async throws -> SourceSnapshot

    /// Looks whether there is something new, and returns what the place has.
    ///
    /// A revision is larger than those before it, and the same as long as nothing changed.
    /// - Throws: ``SourceError`` if it cannot be read; ``snapshot()`` then stays what it was.
    func refresh() async throws -> SourceSnapshot

    /// What happens to the place from now on; ends when whoever reads it is cancelled.
    ///
    /// Revisions ascend; some may be left out if the reader is slow, the newest never is. A place that
    /// cannot be read is told once, not each time that it is looked at.
    func changes() -> AsyncStream<SourceChange>

    /// A file, checked: its content has the digest that the candidate has.
    ///
    /// Also of a variant that is not in the newest snapshot any more, as long as the place has it.
    /// - Throws: ``SourceError``; never returns what the place's signature policy refuses.
    func fetch(_ candidate: CandidateDescription) async throws -> VariantFile
}

/// What a place had at one moment.
public struct SourceSnapshot: Sendable {
    /// Larger than that of each earlier one.
    public let revision: UInt64
    /// What can be selected.
    public let catalogue: VariantCatalogue

    /// A state of a place.
    public init(revision: UInt64, catalogue: VariantCatalogue) {
        self.revision = revision
        self.catalogue = catalogue
    }
}

/// What happened to a place.
public enum SourceChange: Sendable {
    /// It has something else than before.
    case changed(SourceSnapshot)
    /// It cannot be read as a whole; what was last seen stays.
    case failed(SourceError)
    /// It can be read again, and nothing is new.
    case recovered
}

/// Why a place or one of its files cannot be used.
public struct SourceError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// The place as a whole cannot be read.
        case unavailable
        /// The place has no such variant, or no longer.
        case missing
        /// The content has another digest or size than it should have.
        case damaged
        /// The signature policy refuses it.
        case untrusted
    }

    /// What is wrong.
    public let code: Code
    /// The path, the digest or the reference.
    public let place: String
    /// What is wrong in detail, for logs.
    public let detail: String

    /// An error of a source.
    public init(code: Code, place: String, detail: String = "") {
        self.code = code
        self.place = place
        self.detail = detail
    }
}
