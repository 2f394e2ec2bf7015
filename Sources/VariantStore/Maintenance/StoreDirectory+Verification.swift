extension StoreDirectory {
    /// Digests every blob, and holds every manifest, annotation and name against what it speaks of.
    ///
    /// What a writer changes meanwhile is no finding: versions that are removed while this runs are left
    /// out.
    /// - Parameter policy: whose signatures count; nil to leave signatures alone.
    /// - Throws: ``VariantStoreError`` if the index itself cannot be read.
    package func verify(
        _ scope: VerificationScope, policy: SignaturePolicy? = nil
    ) throws(VariantStoreError) -> VerificationReport {
        let snapshot = try snapshot()
        var verifier = StoreVerifier(self, snapshot, policy: policy)
        switch scope {
        case .all:
            for version in snapshot.all { verifier.verify(version) }
            try verifier.verifyTheRest()
        case .versions(let versions):
            for version in versions { verifier.verify(version) }
        }
        var report = verifier.report
        guard !report.holds else { return report }
        let names = try Set(self.snapshot().index.entries.compactMap(\.referenceName))
        let before = Set(snapshot.index.entries.compactMap(\.referenceName))
        report.findings.removeAll { before.contains($0.place) && !names.contains($0.place) }
        return report
    }
}
