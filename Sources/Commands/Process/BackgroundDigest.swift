import Dispatch
import Synchronization
import VariantStore

/// The digest of a file, computed while other things go on.
final class BackgroundDigest: Sendable {
    private let group = DispatchGroup()
    private let outcome = Mutex<Result<FileDigest, VariantStoreError>?>(nil)
    private let path: String

    /// Begins at once.
    init(of path: String) {
        self.path = path
        DispatchQueue.global().async(group: group) { self.compute() }
    }

    private func compute() {
        let result: Result<FileDigest, VariantStoreError>
        do throws(VariantStoreError) {
            result = .success(try FileDigest(ofFile: path))
        } catch { result = .failure(error) }
        outcome.withLock { $0 = result }
    }

    /// Waits for the digest.
    ///
    /// - Throws: ``VariantStoreError`` if the file cannot be read.
    func value() throws(VariantStoreError) -> FileDigest {
        group.wait()
        guard let result = outcome.withLock({ $0 }) else { return try FileDigest(ofFile: path) }
        return try result.get()
    }
}
