/// Makes of a variant's file the model that a server runs; the server supplies it.
///
/// Loading may take long: it never holds anybody up who can be served by what is there. What throws or
/// takes longer than the deadline counts as failed; what arrives late is unloaded.
public protocol VariantLoader<Model>: Sendable {
    /// What the server runs.
    associatedtype Model: Sendable

    /// Loads a file; its content was checked.
    ///
    /// - Throws: whatever went wrong; the variant is tried again later.
    func load(_ file: VariantFile) async throws -> Model

    /// Runs a model once or more, so that the first request does not pay for it.
    ///
    /// - Throws: whatever went wrong; the model is unloaded.
    func warmUp(_ model: Model) async throws

    /// Lets a model go that nobody uses any more.
    func unload(_ model: Model) async

    /// Bytes that a loaded variant takes from the cache's budget.
    func bytes(of candidate: CandidateDescription) -> Int
}

extension VariantLoader {
    /// Does nothing.
    public func warmUp(_ model: Model) async throws {}

    /// Does nothing: the model goes with its last reference.
    public func unload(_ model: Model) async {}

    /// What the candidate's manifest says: parameters and the largest set of live activations.
    public func bytes(of candidate: CandidateDescription) -> Int {
        max(candidate.peakMemoryBytes, 0)
    }
}
