import Foundation

/// The image files of a folder with their classes.
struct PictureListing {
    struct File: Hashable, Sendable {
        var path: String
        /// The class from 0; nil where there are none.
        var label: Int?
    }

    private(set) var files: [File] = []
    /// The names of the sub-folders in their order; nil where there are none.
    private(set) var classNames: [String]?

    /// Lists a folder, or the one image that `path` names.
    ///
    /// - Parameter classes: the classes in their order, if not sorted by name.
    /// - Throws: ``DatasetError`` with `empty` for a folder without images, `labels` for a sub-folder that is
    ///   no class, `io`.
    init(path: String, split: DatasetSplit, classes: [String]?) throws(DatasetError) {
        guard Self.isFolder(path) else {
            files = [File(path: path)]
            return
        }
        var root = path
        var folders = try Self.names(in: path).filter { Self.isFolder(path + "/" + $0) }
        // A folder of splits has the classes below.
        let splits = split == .validation ? ["validation", "val"] : [split.rawValue]
        if let found = splits.first(where: folders.contains),
            folders.allSatisfy({ ["train", "test", "validation", "val"].contains($0) })
        {
            root += "/" + found
            let below = root
            folders = try Self.names(in: below).filter { Self.isFolder(below + "/" + $0) }
        }
        if folders.isEmpty {
            files = try Self.images(in: root).map { File(path: $0) }
        } else {
            let names = classes ?? folders
            classNames = names
            for folder in folders {
                guard let label = names.firstIndex(of: folder) else {
                    throw DatasetError(
                        .labels, file: root, place: folder,
                        "the description does not name this folder among the classes")
                }
                files += try Self.images(in: root + "/" + folder).map { image in
                    File(path: image, label: label)
                }
            }
        }
        guard !files.isEmpty else {
            throw DatasetError(
                .empty, file: path,
                "the folder holds no PNG and no JPEG images, no sub-folders with any, and no IDX files"
            )
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }

    /// What is in a folder, sorted by the bytes of its names, hidden ones left out.
    private static func names(in folder: String) throws(DatasetError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { !$0.hasPrefix(".") }
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        } catch {
            throw DatasetError(.io(errno: EACCES), file: folder, "the folder cannot be listed")
        }
    }

    private static func images(in folder: String) throws(DatasetError) -> [String] {
        try names(in: folder).filter { name in
            let suffix = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
            return PictureFormat.extensions.contains(suffix) && !isFolder(folder + "/" + name)
        }.map { folder + "/" + $0 }
    }
}
