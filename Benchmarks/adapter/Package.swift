// swift-tools-version: 6.2

import PackageDescription

// A package of its own: it uses the adapter as a server would, through the product `RuntimeAdapter`.
let package = Package(
    name: "adapter",
    dependencies: [.package(name: "espalier", path: "../..")],
    targets: [
        // The one of the tests.
        .target(name: "AllocationCounter"),
        .executableTarget(
            name: "adapter",
            dependencies: [
                "AllocationCounter", .product(name: "RuntimeAdapter", package: "espalier"),
            ]),
    ])
