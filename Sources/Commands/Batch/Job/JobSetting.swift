import Contexts

/// What a job changes in every profile, under a name.
struct JobSetting: Sendable {
    /// nil for the profile as it is, or as the only unnamed setting changes it.
    let name: String?
    /// Where the job file has it; empty for none.
    let section: String
    private let content: DocumentContent

    /// Reads the setting in the section at a path; the empty path changes nothing.
    init(_ content: DocumentContent, at section: String) {
        name = section.isEmpty ? nil : content.text("\(section).name")
        self.section = section
        self.content = content
    }

    /// A profile with what the setting says in place of its own; `protect` is added to.
    func applied(to profile: Profile) -> Profile {
        guard !section.isEmpty else { return profile }
        var profile = profile
        profile.budget.override(with: content, at: "\(section).budget")
        profile.pruning.override(with: content, at: section)
        return profile
    }
}
