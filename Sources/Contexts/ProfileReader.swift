package import Foundation

/// Reads and checks a profile, collecting everything that is wrong with it.
package struct ProfileReader {
    var document: DocumentReader

    private init(file: String) {
        document = DocumentReader(.profile, ProfileKey.root, file: file)
    }

    /// Decodes a profile.
    ///
    /// - Parameters:
    ///   - bytes: the content of the file, YAML in UTF-8.
    ///   - file: the name for error messages.
    /// - Returns: a profile that keeps every rule of the format.
    /// - Throws: `DocumentError` with every issue that can be told apart. After a syntax error, or a
    ///   schema that this code does not read, there is nothing more to tell.
    package static func read(_ bytes: Data, file: String) throws(DocumentError) -> Profile {
        var reader = ProfileReader(file: file)
        if reader.document.read(bytes) { reader.checkRules() }
        if let error = reader.document.error { throw error }
        guard let profile = reader.profile() else {
            throw DocumentError([
                DocumentIssue(.key(.missing), in: .profile, file: file, key: "name")
            ])
        }
        return profile
    }
}
