"""Is talking all that a group would do together? A hint for whoever plans it, never a refusal (S3.54).

Pure, over what the proposer says is done: there is a word of talking and no word of doing, in Norwegian, Danish and
English. It knows beginnings of words, since these languages bend and join their ends. It errs both ways: a person
decides.
"""

import re


def _words(begins: str, whole: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:(?:{'|'.join(begins.split())})|(?:{'|'.join(whole.split())})\b)", re.IGNORECASE)


_TALKING = _words(
    begins="snakk samtal prat drøft diskut fortel fortæl lytt erfaringsut erfaringsud sludd sludr talk chat discuss"
    " listen convers speak debat",
    whole="tale taler dele deler tell telling share sharing",
)
_DOING = _words(
    begins="kok kook stek steg stei bag bak spis suppe vandr sykl cykl strikk hekl hækl tegn bygg snekr snedk repar"
    " plant hage dyrk spil syng dans tren træn svøm fisk skriv film museum besøk besøg pusle pussl sjakk skak rydd pluk"
    " musi foto håndv verksted værksted gymnast cook meal soup walk hik cycl sew knit croch paint draw build repair"
    " mend garden grow play sing danc train swim fish read writ practi visit chess clean pick photo craft workshop",
    whole="lage lager lave laver mat mad tur turer gå går sy syr male maler lese leser læse læser øve øver kart kort"
    " byg eat eating bike biking game games map maps cards make making tea",
)


def is_talk_only(what_we_do: str) -> bool:
    return _TALKING.search(what_we_do) is not None and _DOING.search(what_we_do) is None
