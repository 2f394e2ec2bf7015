/// What a client has of a variant already.
public enum ClientCopy: String, Sendable, Hashable, CaseIterable {
    /// Nothing: it is downloaded and decoded.
    case none
    /// Its file, as in the cache of a browser: it is decoded.
    case cached
    /// The model in memory: it runs at once.
    case loaded
}

/// What a client says that it has, as far as it is looked at.
struct ClientCopies {
    /// Digests of files that are there.
    let cached: ArraySlice<String>
    /// Digests of what is in memory.
    let loaded: ArraySlice<String>

    init(_ context: RequestContext, _ checked: CheckedContext) {
        cached = context.cached.prefix(checked.cachedCount)
        loaded = context.loaded.prefix(checked.loadedCount)
    }

    /// What of a candidate is there; allocates nothing.
    func copy(of index: Int, in catalogue: VariantCatalogue) -> ClientCopy {
        if Self.has(index, loaded, catalogue) { return .loaded }
        return Self.has(index, cached, catalogue) ? .cached : .none
    }

    private static func has(
        _ index: Int, _ digests: ArraySlice<String>, _ catalogue: VariantCatalogue
    ) -> Bool {
        for digest in digests {
            for place in catalogue.places(of: digest) where Int(place) == index { return true }
        }
        return false
    }
}
