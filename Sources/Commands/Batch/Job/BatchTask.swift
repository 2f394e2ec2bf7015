import Contexts
import VariantStore

/// One variant that a job asks for.
struct BatchTask: Sendable {
    /// From 1, in the whole job whatever the shard.
    let number: Int
    let model: JobModel
    /// The path of the profile, seen from here.
    let profilePath: String
    /// The setting's name; nil for none.
    let setting: String?
    /// The profile as the setting changes it, and where both come from.
    let context: PruningContext

    /// The name that all versions of the variant share: `model/profile` or `model/profile+setting`.
    var line: String {
        "\(model.name)/\(context.profile.name)" + (setting.map { "+\($0)" } ?? "")
    }

    init(
        number: Int, model: JobModel, file: ProfileFile, setting: JobSetting
    ) {
        self.number = number
        self.model = model
        profilePath = file.path
        self.setting = setting.name
        let profile = setting.applied(to: file.profile)
        context = PruningContext(
            profile: profile, criterion: profile.pruning.criterion.rawValue,
            costModel: file.costModel,
            digests: (FileDigest(of: file.bytes), file.tableBytes.map { FileDigest(of: $0) }))
    }
}
