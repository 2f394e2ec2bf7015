package import VariantStore

/// Whose signatures count.
public struct TrustPolicy: Sendable {
    package let policy: SignaturePolicy

    package init(_ policy: SignaturePolicy) { self.policy = policy }

    /// - Parameters:
    ///   - publicKeys: Ed25519 public keys as PEM.
    ///   - requiresSignature: whether what none of the keys has signed is refused; what is signed wrongly
    ///     always is.
    /// - Throws: ``CatalogueError`` with `badKey`.
    public init(publicKeys: [String], requiresSignature: Bool) throws(CatalogueError) {
        var keys: [VerificationKey] = []
        for (index, pem) in publicKeys.enumerated() {
            do throws(SignatureError) { keys.append(try VerificationKey(pem: pem)) } catch {
                throw CatalogueError(
                    code: .badKey, place: "key \(index + 1)", detail: "\(error.code)")
            }
        }
        policy = SignaturePolicy(keys: keys, requiresSignature: requiresSignature)
    }
}

/// Why there is no catalogue.
public struct CatalogueError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Code: Sendable, Hashable {
        /// Nothing is there, or something that is no store.
        case noStore
        /// A later Espalier made it.
        case tooNew
        /// An Espalier made it whose stores are not read any more.
        case tooOld
        /// Its index cannot be understood.
        case damaged
        /// The operating system refused to read it.
        case unreadable
        /// A key is no Ed25519 public key.
        case badKey
    }

    /// What is wrong.
    public let code: Code
    /// The store's path, or which key.
    public let place: String
    /// What is wrong in detail, for logs.
    public let detail: String

    package init(_ error: VariantStoreError, path: String) {
        let code: Code =
            switch error.code {
            case .noStore, .notAStore: .noStore
            case .storeTooNew, .indexTooNew, .unknownLayout: .tooNew
            case .storeTooOld: .tooOld
            case .unreadable, .notAFile: .unreadable
            default: .damaged
            }
        self.init(code: code, place: path, detail: "\(error.code) \(error.detail)")
    }

    init(code: Code, place: String, detail: String) {
        self.code = code
        self.place = place
        self.detail = detail
    }
}

extension VariantCatalogue {
    /// What the store in a folder holds now.
    ///
    /// What cannot be read is left out and stands in ``refusals``; what the policy refuses stays, marked as
    /// refused, and is never selected.
    /// - Parameters:
    ///   - devices: classes beside those of the variants' own profiles, which they win over.
    ///   - trust: whose signatures count; nil accepts everything.
    /// - Throws: ``CatalogueError``.
    /// - Complexity: reads every manifest once.
    public convenience init(
        store path: String, versions: VersionChoice = .latest, trust: TrustPolicy? = nil,
        devices: [KnownDevice] = []
    ) throws(CatalogueError) {
        do throws(VariantStoreError) {
            try self.init(
                StoreDirectory(opening: path), versions: versions, policy: trust?.policy,
                devices: devices)
        } catch { throw CatalogueError(error, path: path) }
    }
}
