package import RuntimeAdapter

/// For servers that hand files out and run none: the file is the model.
package struct FileLoader: VariantLoader {
    /// A loader.
    package init() {}

    /// The file itself.
    package func load(_ file: VariantFile) async -> VariantFile { file }

    /// An open file takes no memory worth counting.
    package func bytes(of candidate: CandidateDescription) -> Int { 0 }
}
