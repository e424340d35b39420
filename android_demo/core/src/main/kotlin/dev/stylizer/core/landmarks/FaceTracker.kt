package dev.stylizer.core.landmarks

import dev.stylizer.core.Picture

/**
 * Follows up to [most] faces through a video: a mesh for each in every frame, fitted where the face was in the frame
 * before, smoothed over time. The detector runs only when a face is missing, and now and then for further ones. A port
 * of stylizer/landmarks/face_tracker.py; on one thread.
 */
class FaceTracker(private val boxes: FaceBoxes, private val network: MeshNetwork, private val most: Int = 3) {
    private class Track {
        val mesh = Mesh()
        val smoothed = Mesh()
        private val filter = OneEuroFilter(2 * Mesh.POINTS, MIN_CUTOFF_HZ, BETA, DERIVATIVE_CUTOFF_HZ)
        var seenS = 0.0
        var present = false
        var followed = false

        fun observe(now: Mesh, timeS: Double, jumped: Boolean) {
            if (jumped) filter.reset()
            filter.filter(now.points, timeS, now.size, smoothed.points)
            smoothed.measure()
            mesh.set(now)
            seenS = timeS
            present = true
        }

        fun forget() {
            filter.reset()
            present = false
        }
    }

    private val tracks = ArrayList<Track>(most)
    private val spare = ArrayList<Track>(most)
    private val fitted = Mesh()
    private val before = Mesh()
    private val region = Region()
    private var width = 0
    private var height = 0
    private var timeS = Double.NEGATIVE_INFINITY
    private var searchedS = Double.NEGATIVE_INFINITY
    private var thoroughS = Double.NEGATIVE_INFINITY

    /** How often the detector ran so far. */
    var searches = 0
        private set

    init {
        repeat(most) { spare += Track() }
    }

    /** Faces of the next frame at [atS] seconds into [faces], largest first; returns how many. */
    fun track(picture: Picture, atS: Double, faces: Array<Mesh>): Int {
        if (picture.width != width || picture.height != height || atS < timeS) reset()
        width = picture.width
        height = picture.height
        timeS = atS
        follow(picture)
        for (n in tracks.lastIndex downTo 0) if (timeS - tracks[n].seenS > FORGET_AFTER_S) drop(n)
        search(picture)
        sort()
        var count = 0
        for (n in tracks.indices) {
            if (tracks[n].present && count < faces.size) faces[count++].set(tracks[n].smoothed)
        }
        return count
    }

    fun reset() {
        for (n in tracks.lastIndex downTo 0) drop(n)
        searchedS = Double.NEGATIVE_INFINITY
        thoroughS = Double.NEGATIVE_INFINITY
    }

    private fun drop(n: Int) {
        val track = tracks.removeAt(n)
        track.forget()
        spare += track
    }

    private fun follow(picture: Picture) {
        for (n in tracks.indices) {
            tracks[n].followed = tracks[n].present
            tracks[n].present = false
        }
        for (n in tracks.indices) {
            val track = tracks[n]
            if (!track.followed) continue
            region.around(track.mesh)
            if (fit(picture, track.mesh) && !isKnown(0.5)) {
                track.observe(fitted, timeS, fitted.distance(track.mesh) > JUMP)
            }
        }
    }

    private fun search(picture: Picture) {
        val present = present()
        if (present == most || present > 0 && present == tracks.size && timeS - searchedS < SEARCH_INTERVAL_S) return
        searchedS = timeS
        searches++
        add(picture, boxes.find(picture))
        if (present() > 0 || timeS - thoroughS < THOROUGH_INTERVAL_S) return
        thoroughS = timeS
        add(picture, findCloser(boxes, picture))
    }

    private fun add(picture: Picture, found: FaceBoxList) {
        found.sortDescending { it.area }
        for (n in 0 until found.size) {
            val box = found[n]
            if (present() == most) return
            if (isKnown(box)) continue
            region.around(box)
            if (!fit(picture, null) || isKnown(0.2)) continue
            val lost = nearestLost()
            val track = lost ?: newTrack() ?: return
            track.observe(fitted, timeS, lost == null || fitted.distance(track.mesh) > JUMP)
        }
    }

    private fun newTrack(): Track? {
        if (spare.isEmpty()) { // all are taken by faces just lost: the one longest gone makes room
            var gone = -1
            for (n in tracks.indices) {
                if (!tracks[n].present && (gone < 0 || tracks[n].seenS < tracks[gone].seenS)) gone = n
            }
            if (gone < 0) return null
            drop(gone)
        }
        return spare.removeAt(spare.size - 1).also { tracks += it }
    }

    /** The lost face that the one just fitted may be. */
    private fun nearestLost(): Track? {
        var nearest: Track? = null
        for (n in tracks.indices) {
            val track = tracks[n]
            if (track.present || !(reach(track) <= REACH)) continue
            if (nearest == null || reach(track) < reach(nearest)) nearest = track
        }
        return nearest
    }

    /** Distance of the face just fitted from a lost one, in sizes of that. */
    private fun reach(track: Track): Double = Math.hypot(
        fitted.centerX - track.mesh.centerX, fitted.centerY - track.mesh.centerY) / track.mesh.size

    /** Fits [fitted] to the face in [region]; again if it is not where expected. False if there is none. */
    private fun fit(picture: Picture, expected: Mesh?): Boolean {
        var limit = JUMP
        for (pass in 0 until PASSES) {
            if (network.fit(picture, region, fitted) < LEAST_SCORE) return false
            val earlier = if (pass == 0) expected else before
            if (earlier != null && fitted.distance(earlier) <= limit) return true
            before.set(fitted)
            region.around(fitted)
            limit = SETTLED
        }
        return true
    }

    private fun present(): Int {
        var count = 0
        for (n in tracks.indices) if (tracks[n].present) count++
        return count
    }

    private fun isKnown(limit: Double): Boolean {
        for (n in tracks.indices) if (tracks[n].present && fitted.overlap(tracks[n].mesh) > limit) return true
        return false
    }

    private fun isKnown(box: FaceBox): Boolean {
        for (n in tracks.indices) if (tracks[n].present && tracks[n].mesh.overlap(box) > 0.2) return true
        return false
    }

    /** Largest first; one passes another only if it is clearly larger, so that the order rests. */
    private fun sort() {
        for (end in 1 until tracks.size) {
            var place = end
            while (place > 0 && area(place) > LARGER * area(place - 1)) {
                val track = tracks[place]
                tracks[place] = tracks[place - 1]
                tracks[place - 1] = track
                place--
            }
        }
    }

    private fun area(n: Int): Double = tracks[n].mesh.size * tracks[n].mesh.size

    private companion object {
        // see stylizer/landmarks/face_tracker.py for how these were found
        const val SEARCH_INTERVAL_S = 0.25
        const val THOROUGH_INTERVAL_S = 1.0
        const val FORGET_AFTER_S = 0.5
        const val REACH = 1.0
        const val JUMP = 0.05
        const val SETTLED = 0.01
        const val PASSES = 5
        const val LARGER = 1.2
        const val LEAST_SCORE = 0.5
        const val MIN_CUTOFF_HZ = 0.2
        const val BETA = 100.0
        const val DERIVATIVE_CUTOFF_HZ = 3.0
    }
}
