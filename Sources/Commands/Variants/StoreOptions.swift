import ArgumentParser
import Foundation
import VariantStore

/// The option that names a store.
struct StoreOptions: ParsableArguments {
    /// The environment variable that stands in for the option.
    static let variable = "ESPALIER_STORE"

    @Option(
        help: ArgumentHelp(
            "The store of variants: a folder with an OCI image layout; by default what \(variable) says.",
            valueName: "folder"), completion: .directory)
    var store: String?

    init() {}

    /// Where the store is, from the option or the environment; nil if neither says it.
    var path: String? {
        if let store { return store }
        let path = ProcessInfo.processInfo.environment[Self.variable] ?? ""
        return path.isEmpty ? nil : path
    }

    /// Opens the store.
    ///
    /// - Throws: ``CommandFailure`` with `usage` if nothing says where it is; `VariantStoreError`.
    func open() throws -> StoreDirectory { try StoreDirectory(opening: try requiredPath()) }

    /// Opens the store, or makes it.
    ///
    /// - Throws: as ``open()``.
    func openOrCreate() throws -> StoreDirectory {
        try StoreDirectory.openOrCreate(at: try requiredPath())
    }

    private func requiredPath() throws -> String {
        guard let path else {
            throw CommandFailure(
                .usage, "which store? Give it by --store, or in the variable \(Self.variable)")
        }
        return path
    }
}

extension StoreDirectory {
    /// Reads what a person calls a variant, and finds it.
    ///
    /// A name without version and tag is the newest; a copy that another tool made has no `latest`, and there it
    /// is the highest version.
    /// - Throws: `VariantStoreError`.
    func variant(_ text: String) throws -> VariantVersion {
        let reference = try VariantReference(parsing: text)
        let snapshot = try snapshot()
        if case .tag(let name, VariantReference.latest) = reference,
            snapshot.tagged(name, VariantReference.latest) == nil,
            let highest = snapshot.highestVersion(of: name)
        {
            return highest
        }
        return try snapshot.resolve(reference)
    }

    /// The manifest of the variant or base that a person means.
    ///
    /// - Throws: `VariantStoreError`.
    func digest(_ text: String) throws -> BlobDigest {
        let reference = try VariantReference(parsing: text)
        if case .tag = reference { return try variant(text).digest }
        return try snapshot().digest(of: reference)
    }
}
