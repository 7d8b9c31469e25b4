-- Sets a customer's latest review and its rating ($1 customer).
update customer c set latest_review_id = r.id, rating = r.rating
from (select id, rating from review where customer_id = $1 order by reviewed_on desc, id desc limit 1) r
where c.id = $1
returning c.latest_invitation_id
