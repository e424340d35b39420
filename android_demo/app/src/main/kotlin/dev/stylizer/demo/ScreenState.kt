package dev.stylizer.demo

import dev.stylizer.core.Report
import dev.stylizer.core.Settings

enum class Facing {
    FRONT, BACK;

    val other: Facing get() = if (this == FRONT) BACK else FRONT
}

/** Of the camera. */
enum class Permission { UNASKED, ASKING, GRANTED, DENIED, BLOCKED }

/** Why no frames come; over once they do. */
enum class CameraTrouble { NONE_FOUND, IN_USE, DISABLED, LOST, FAILED }

/** What went wrong otherwise; the user has to see it. */
enum class Notice {
    NO_STYLES, PHOTO_FAILED, PICTURE_UNREADABLE, DRAWING_FAILED, OUT_OF_MEMORY, DRAWING_GONE, SAVE_FAILED, NO_APP
}

/** A [notice] and what it is about, if it says. */
data class Message(val notice: Notice, val detail: String = "")

/** What the user can do about what the screen says. */
enum class Remedy { DISMISS, ASK_AGAIN, OPEN_SETTINGS }

/** What the screen is for at the moment. */
sealed interface Mode {
    data object Live : Mode

    /** Still live, a photo is being taken. */
    data object Capturing : Mode

    /** A photo is being drawn; [progress] in 0..1. */
    data class Working(val progress: Float) : Mode

    /**
     * A finished drawing.
     *
     * @param file its name in the cache
     * @param saved the address of the saved copy; null: there is none
     * @param saving a copy is being written
     * @param sharing it is to be shared as soon as there is a saved copy
     */
    data class Result(
        val file: String, val saved: String? = null, val saving: Boolean = false, val sharing: Boolean = false,
    ) : Mode
}

/** A step from one state to the next. Steps from background threads may come late, so each checks what it changes. */
typealias Change = (ScreenState) -> ScreenState

/** Everything that the screen shows but the pictures, and every way in which it changes. Immutable, without Android. */
data class ScreenState(
    val styles: List<String>,
    val settings: Settings,
    val facing: Facing = Facing.FRONT,
    val canSwitch: Boolean = false,
    val permission: Permission = Permission.UNASKED,
    val mode: Mode = Mode.Live,
    val overlay: Boolean = true,
    val report: Report? = null,
    val trouble: CameraTrouble? = null,
    val message: Message? = null,
) {
    private val previewing get() = mode == Mode.Live || mode == Mode.Capturing

    /** The camera is wanted. */
    val watching get() = permission == Permission.GRANTED && styles.isNotEmpty() && previewing

    /** There is room for measurements: nothing else lies on the picture. */
    val measuring get() = watching && mode == Mode.Live && trouble == null && message == null

    /** A photo can be taken now: frames come in. */
    val canCapture get() = watching && mode == Mode.Live && report != null && trouble == null

    /** A picture can be chosen now. */
    val canChoose get() = styles.isNotEmpty() && mode == Mode.Live

    /** Null: nothing, or nothing but wait. */
    val remedy: Remedy? get() = when {
        message != null -> Remedy.DISMISS.takeIf { styles.isNotEmpty() }
        mode != Mode.Live || trouble != null -> null
        else -> when (permission) {
            Permission.GRANTED, Permission.ASKING -> null
            Permission.UNASKED, Permission.DENIED -> Remedy.ASK_AGAIN
            Permission.BLOCKED -> Remedy.OPEN_SETTINGS
        }
    }

    fun dismissed() = copy(message = null)

    fun styled(style: String) = copy(settings = settings.copy(style = style), message = null)

    fun strengthened(strength: Float) = copy(settings = settings.copy(strength = strength.coerceIn(0f, 1f)))

    fun exaggerated(exaggeration: Float) =
        copy(settings = settings.copy(exaggeration = exaggeration.coerceIn(-1f, 1f)))

    fun overlayToggled() = copy(overlay = !overlay)

    fun facingSwitched() = if (mode == Mode.Live) copy(facing = facing.other, trouble = null, message = null) else this

    /** The cameras that the phone has, as found when one was opened. */
    fun camerasFound(facings: Set<Facing>) = copy(canSwitch = facings.size > 1)

    fun asking() = copy(permission = Permission.ASKING)

    /** What the system says when the app comes to the front. */
    fun returned(granted: Boolean) = copy(
        permission = when {
            granted -> Permission.GRANTED
            permission == Permission.GRANTED -> Permission.UNASKED
            else -> permission
        })

    /** What the user answered; [mayAskAgain] as the system has it. */
    fun answered(granted: Boolean, mayAskAgain: Boolean) = copy(
        permission = when {
            granted -> Permission.GRANTED
            mayAskAgain -> Permission.DENIED
            else -> Permission.BLOCKED
        })

    /** The app leaves the front: the camera is closed, a photo that it is taking is lost. */
    fun left() = uncaptured().copy(report = null, trouble = null)

    fun reported(report: Report) = if (previewing) copy(report = report) else this

    /** The camera's first frame is there. */
    fun streaming() = copy(trouble = null)

    fun troubled(trouble: CameraTrouble) = if (previewing) uncaptured().copy(trouble = trouble) else this

    /** Something went wrong; with it a photo that is being taken. */
    fun warned(notice: Notice, detail: String = "") = uncaptured().copy(message = Message(notice, detail))

    fun capturing() = if (canCapture) copy(mode = Mode.Capturing, message = null) else this

    fun working() = copy(mode = Mode.Working(0f), report = null, trouble = null, message = null)

    fun progressed(progress: Float) = if (mode is Mode.Working) copy(mode = Mode.Working(progress)) else this

    fun finished(file: String) = if (mode is Mode.Working) copy(mode = Mode.Result(file), message = null) else this

    /** The drawing cannot be made, or is no longer there. */
    fun gaveUp(notice: Notice, detail: String = "") =
        if (previewing) this else copy(mode = Mode.Live, message = Message(notice, detail))

    /** Back to the live drawing. */
    fun live() = copy(mode = Mode.Live, message = null)

    fun wantingToShare() = changed { it.copy(sharing = true) }.copy(message = null)

    fun saving() = changed { it.copy(saving = true) }.copy(message = null)

    /** A copy of [file] is at [address]. */
    fun saved(file: String, address: String) =
        changed { if (it.file == file) it.copy(saved = address, saving = false) else it }

    /** Saving failed, or with [notice] null was called off. */
    fun unsaved(notice: Notice?): ScreenState {
        if (mode !is Mode.Result) return this
        return copy(mode = mode.copy(saving = false, sharing = false), message = notice?.let { Message(it) })
    }

    fun shared() = changed { it.copy(sharing = false) }

    private fun uncaptured() = if (mode == Mode.Capturing) copy(mode = Mode.Live) else this

    private fun changed(result: (Mode.Result) -> Mode.Result) =
        if (mode is Mode.Result) copy(mode = result(mode)) else this

    companion object {
        /** The first screen with these styles; of the settings of an earlier one, what still can be had. */
        fun first(styles: List<String>, earlier: Settings? = null): ScreenState {
            val style = earlier?.style?.takeIf { it in styles } ?: styles.firstOrNull() ?: ""
            val message = if (styles.isEmpty()) Message(Notice.NO_STYLES) else null
            return ScreenState(styles, (earlier ?: Settings(style)).copy(style = style), message = message)
        }
    }
}
